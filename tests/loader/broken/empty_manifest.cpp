// SPDX-License-Identifier: MIT
// Exports a manifest whose texts and function are null.
#include <apbfarm/plugin.h>

extern "C" APB_FARM_VISIBLE const apbfarm::PluginManifest apb_farm_plugin;
extern "C" const apbfarm::PluginManifest apb_farm_plugin{apbfarm::kPluginAbi, nullptr, nullptr, nullptr, nullptr};

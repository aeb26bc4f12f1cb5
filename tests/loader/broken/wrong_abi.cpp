// SPDX-License-Identifier: MIT
// Was built for another plugin ABI. Its functions must never be called: they end the process.
#include <apbfarm/plugin.h>

#include <cstdlib>

extern "C" APB_FARM_VISIBLE const apbfarm::PluginManifest apb_farm_plugin;
extern "C" const apbfarm::PluginManifest apb_farm_plugin{3, APB_FARM_TOOLCHAIN, "scheduler-wrong-abi", "1.0.0",
                                                         [](apbfarm::ExtensionRegistry&) { std::abort(); }};

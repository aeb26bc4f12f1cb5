// SPDX-License-Identifier: MIT
// Was built with another standard library. Its functions must never be called: they end the process.
#include <apbfarm/plugin.h>

#include <cstdlib>

extern "C" APB_FARM_VISIBLE const apbfarm::PluginManifest apb_farm_plugin;
extern "C" const apbfarm::PluginManifest apb_farm_plugin{apbfarm::kPluginAbi, "libother cxx11abi=0 poco=1",
                                                         "scheduler-wrong-toolchain", "1.0.0",
                                                         [](apbfarm::ExtensionRegistry&) { std::abort(); }};

// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/authenticator.h>
#include <apbfarm/context.h>
#include <apbfarm/errors.h>
#include <apbfarm/http_module.h>
#include <apbfarm/model.h>
#include <apbfarm/notifier.h>
#include <apbfarm/registry.h>
#include <apbfarm/scheduler.h>
#include <apbfarm/storage.h>

#include <Poco/Logger.h>
#include <Poco/Version.h>

#include <cstdint>

/// Grows by one when an SDK header changes a layout, a virtual function or a meaning. A macro, so that one source can
/// be built for several.
#define APB_FARM_PLUGIN_ABI 1

namespace apbfarm {

inline constexpr std::uint32_t kPluginAbi = APB_FARM_PLUGIN_ABI;

#define APB_FARM_STRINGIFY_(x) #x
#define APB_FARM_STRINGIFY(x) APB_FARM_STRINGIFY_(x)

/// Compiler family, string ABI and Poco version: what must be the same on both sides of the border.
#ifdef __GLIBCXX__
#define APB_FARM_TOOLCHAIN                                                                                          \
    "libstdc++ cxx11abi=" APB_FARM_STRINGIFY(_GLIBCXX_USE_CXX11_ABI) " poco=" APB_FARM_STRINGIFY(POCO_VERSION)
#else
#define APB_FARM_TOOLCHAIN "libc++ poco=" APB_FARM_STRINGIFY(POCO_VERSION)
#endif

/// What a plugin library exports under `apb_farm_plugin`. Plain data, read before any of its functions is called.
struct PluginManifest {
    std::uint32_t abi;               ///< must equal the farm's kPluginAbi
    const char* toolchain;           ///< must equal the farm's APB_FARM_TOOLCHAIN
    const char* name;                ///< "scheduler-leastload", same as the file
    const char* version;             ///< the plugin's own, for people
    void (*registerExtensions)(ExtensionRegistry& registry);
};

} // namespace apbfarm

/// Exports a plugin. The body only describes what the plugin offers; `registry` is its only variable.
#define APB_FARM_PLUGIN(pluginName, pluginVersion)                                                                  \
    static void apbFarmRegisterExtensions(apbfarm::ExtensionRegistry& registry);                                    \
    extern "C" APB_FARM_VISIBLE const apbfarm::PluginManifest apb_farm_plugin;                                      \
    extern "C" const apbfarm::PluginManifest apb_farm_plugin{apbfarm::kPluginAbi, APB_FARM_TOOLCHAIN, pluginName,   \
                                                             pluginVersion, &apbFarmRegisterExtensions};            \
    static void apbFarmRegisterExtensions(apbfarm::ExtensionRegistry& registry)

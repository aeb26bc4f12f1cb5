// SPDX-License-Identifier: MIT
#define BOOST_DLL_USE_STD_FS
#include "plugin/plugin_loader.h"

#include "plugin/trusted_file.h"

#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace apbfarm::plugin {

namespace fs = std::filesystem;
namespace dll = boost::dll;

namespace {

constexpr auto kSymbol = "apb_farm_plugin";

std::string rebuild()
{
    return " Rebuild it against apb-farm " APB_FARM_VERSION ".";
}

void checkPlainName(const std::string& name)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (name.empty() || name.size() > 64 || name.find_first_not_of(allowed) != std::string::npos)
        throw PluginError("'" + name + "' in plugins.load is not a plugin name. Write the plain name, made of a-z, 0-9 "
                                       "and '-', without folder and without '.so'.");
}

void checkFormat(const fs::path& file, const std::string& title)
{
    std::array<char, 4> magic{};
    std::ifstream(file, std::ios::binary).read(magic.data(), magic.size());
    if (std::string_view(magic.data(), magic.size()) != "\x7f"
                                                        "ELF")
        throw PluginError(title + " is not a shared library. Install the plugin's library in its place.");
}

// Boost wraps the loader's own sentence in brackets and ends with the text of an unrelated errno.
std::string reasonOf(const std::exception& error)
{
    const std::string text = error.what();
    const std::string mark = "dlerror system message: ";
    const auto begin = text.find(mark);
    const auto end = text.rfind("):");
    if (begin == std::string::npos || end == std::string::npos || end < begin)
        return text;
    return text.substr(begin + mark.size(), end - begin - mark.size());
}

dll::shared_library open(const fs::path& file, const std::string& title)
{
    try {
        return dll::shared_library(file, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    } catch (const std::exception& error) {
        throw PluginError(title + " cannot be opened: " + reasonOf(error) + "." + rebuild());
    }
}

void keepMapped(const fs::path& file)
{
    // One reference that is never given back; the build helper's `-z nodelete` covers only plugins that used it.
    ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE);
}

void checkPapers(const PluginManifest& manifest, const std::string& name, const std::string& title)
{
    if (manifest.abi != kPluginAbi)
        throw PluginError(title + " was built for plugin ABI " + std::to_string(manifest.abi) + ", this farm has ABI " +
                          std::to_string(kPluginAbi) + "." + rebuild());
    const std::string toolchain = manifest.toolchain ? manifest.toolchain : "";
    if (toolchain != APB_FARM_TOOLCHAIN)
        throw PluginError(title + " was built with '" + toolchain + "', this farm with '" APB_FARM_TOOLCHAIN "'." +
                          rebuild());
    const std::string ownName = manifest.name ? manifest.name : "";
    if (ownName != name)
        throw PluginError(title + " says that it is the plugin '" + ownName + "'. Install it as " + ownName +
                          ".so and use that name in plugins.load.");
    if (!manifest.version || !manifest.registerExtensions)
        throw PluginError(title + " has an incomplete manifest. Use APB_FARM_PLUGIN to export it.");
}

} // namespace

PluginLoader::PluginLoader(fs::path directory) : directory_(std::move(directory)) {}

const PluginManifest& PluginLoader::load(const std::string& name)
{
    checkPlainName(name);
    if (std::find(loaded_.begin(), loaded_.end(), name) != loaded_.end())
        throw PluginError("plugins.load names '" + name + "' twice. Remove one of them.");

    const auto title = name + ".so";
    const auto file = resolveTrustedFile(directory_ / title, trustedOwners());
    checkFormat(file, title);
    const auto library = open(file, title);
    keepMapped(file);
    if (!library.has(kSymbol))
        throw PluginError(title + " is no apb-farm plugin: it does not export 'apb_farm_plugin'. Remove it from "
                                  "plugins.load, or add APB_FARM_PLUGIN to its sources.");
    const auto& manifest = library.get<const PluginManifest>(kSymbol);
    checkPapers(manifest, name, title);
    loaded_.push_back(name);
    return manifest;
}

std::vector<std::string> PluginLoader::available() const
{
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory_, failed))
        if (entry.path().extension() == ".so")
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace apbfarm::plugin

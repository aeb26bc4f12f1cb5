// SPDX-License-Identifier: MIT
#include "app/install_paths.h"

#include <initializer_list>

namespace apbfarm::app {

namespace {

std::filesystem::path besideProgram(std::initializer_list<const char*> places)
{
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    std::error_code ignored;
    for (const auto* place : places) {
        const auto directory = (program / place).lexically_normal();
        if (std::filesystem::is_directory(directory, ignored))
            return directory;
    }
    return (program / *places.begin()).lexically_normal();
}

} // namespace

std::filesystem::path pluginDirectory(const FarmConfig& config)
{
    if (!config.plugins.directory.empty())
        return config.plugins.directory;
    return besideProgram({APB_FARM_PLUGIN_DIR, "../plugins"});
}

std::filesystem::path webDirectory(const FarmConfig& config)
{
    if (!config.web.directory.empty())
        return config.web.directory;
    return besideProgram({APB_FARM_WEB_DIR, "../web"});
}

} // namespace apbfarm::app

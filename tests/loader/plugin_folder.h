// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_error.h"
#include "plugin/plugin_loader.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <sys/stat.h>

#include <string>

namespace apbfarm::test {

/// A plugin folder of one test, into which the plugins it is about are copied.
struct PluginFolder {
    PluginFolder()
    {
        std::filesystem::create_directory(path);
        ::chmod(path.c_str(), 0755);
    }

    std::filesystem::path install(const std::string& name)
    {
        const auto target = path / (name + ".so");
        std::filesystem::copy_file(buildDirectory() / "tests/loader/broken" / (name + ".so"), target);
        ::chmod(target.c_str(), 0755);
        return target;
    }
    /// What the loader says about it; "loaded" when it has no complaint.
    std::string complaintAbout(const std::string& name)
    {
        try {
            plugin::PluginLoader(path).load(name);
            return "loaded";
        } catch (const plugin::PluginError& error) {
            return error.what();
        }
    }

    TempDir dir;
    std::filesystem::path path = dir / "plugins";
};

inline bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace apbfarm::test

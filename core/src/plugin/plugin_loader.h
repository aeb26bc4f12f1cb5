// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_error.h"

#include <apbfarm/plugin.h>

#include <filesystem>
#include <string>
#include <vector>

namespace apbfarm::plugin {

/// Opens plugin libraries by plain name from one folder and checks their papers.
///
/// What was opened stays mapped to the end of the process, also after the loader is gone: an exception or a
/// `shared_ptr` born in a plugin can never point at nothing (G5).
class PluginLoader {
public:
    explicit PluginLoader(std::filesystem::path directory);

    /// Opens `<directory>/<name>.so`. Ownership and modes are checked before it is opened (G1), its ABI, toolchain and
    /// name before any of its functions is called (G2). Throws `PluginError`. The manifest lives as long as the process.
    const PluginManifest& load(const std::string& name);

    /// Names of the libraries in the folder, sorted; none of them is opened.
    std::vector<std::string> available() const;

private:
    std::filesystem::path directory_;
    std::vector<std::string> loaded_;
};

} // namespace apbfarm::plugin

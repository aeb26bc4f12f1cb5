// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace apbfarm::server {

/// What goes into the makepkg.conf of one build.
struct MakepkgConfig {
    std::string architecture;            ///< of the server; packages carry `packageArchitecture` of it
    std::filesystem::path root;          ///< of the workspace, as the build sees it
    std::string packager;
    int jobs = 1;
    bool allowNetwork = false;

    std::string text() const;
};

/// The suffix that packages of that server architecture get: itself, `powerpc` for `espresso`.
std::string packageArchitecture(const std::string& architecture);

/// `Architecture` of pacman's configuration unless `auto`, else the machine's name in pacman's spelling.
std::string machineArchitecture();

} // namespace apbfarm::server

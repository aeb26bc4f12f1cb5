// SPDX-License-Identifier: MIT
#pragma once

#include "property.h"

#include "package/package_info.h"

namespace apbfarm::fuzz {

/// Threat-model K4, written a second time.
inline void requireRules(const package::PackageInfo& info)
{
    static const auto word = joined({kLower, kDigits, "@_+"});
    static const auto names = joined({word, ".-"});
    const auto isName = [](std::string_view name) {
        return !name.empty() && name.size() <= 128 && isMadeOf(name, names) && isMadeOf(name.substr(0, 1), word);
    };
    require(!info.pkgnames.empty() && isName(info.pkgname), "a package has a plain name (K4)");
    for (const auto& name : info.pkgnames)
        require(isName(name), "all its names are plain (K4)");
    require(!info.architectures.empty() && info.architectures.size() <= 32, "1 to 32 architectures (K4)");
    for (const auto& name : info.architectures)
        require(!name.empty() && name.size() <= 32 && isMadeOf(name, joined({kLower, kDigits, "_"})),
                "architectures are words (K4)");
    require(info.pkgver.find_first_of("/:- \t\n") == info.pkgver.npos && !hasControls(info.pkgver), "a version (K4)");
    require(isMadeOf(info.pkgrel, joined({kDigits, "."})) && isMadeOf(info.epoch, kDigits), "numbers (K4)");
    for (const auto& entry : info.extraRepositories)
        require(entry.find("::http") != entry.npos && !hasControls(entry) && entry.find_first_of(" \"\\") == entry.npos,
                "repositories are a name and an address (K5)");
    for (const auto& warning : info.warnings)
        require(!hasControls(warning), "warnings are one line");
}

}

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace apbfarm::package {

/// What the farm needs to know of a package before it is built. Every text has passed the rules of `package_rules.h`.
struct PackageInfo {
    std::string pkgname;                     ///< pkgbase, else the first pkgname
    std::string epoch;                       ///< empty when the package has none
    std::string pkgver;                      ///< empty when only running the PKGBUILD would tell
    std::string pkgrel;                      ///< empty when only running the PKGBUILD would tell
    std::vector<std::string> pkgnames;       ///< never empty
    std::vector<std::string> architectures;  ///< never empty; in the order written, without repeats
    std::vector<std::string> extraRepositories; ///< "name::url", as the PKGBUILD asks for in apb_extra_repos
    std::vector<std::string> warnings;       ///< sentences for the submitter
};

} // namespace apbfarm::package

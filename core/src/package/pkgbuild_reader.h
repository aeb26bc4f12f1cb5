// SPDX-License-Identifier: MIT
#pragma once

#include "package/package_info.h"

#include <apbfarm/errors.h>

#include <string_view>
#include <vector>

namespace apbfarm::package {

inline constexpr std::size_t kMaxPkgbuild = 1 << 20;   // bytes; also for .SRCINFO

/// What a PKGBUILD says about its package, found without executing anything (K1).
///
/// Throws `TooLarge` above 1 MiB, and `InvalidInput` ("invalid_pkgbuild", one entry per field) for binary data, for
/// values that break the rules, and for a pkgname or arch that only running the file would tell.
PackageInfo readPkgbuild(std::string_view text);

/// The same with what could not be found told apart from what is wrong.
struct PkgbuildFindings {
    PackageInfo info;
    std::vector<FieldError> unknown;   ///< fields that only running the file would tell, or that are missing
    std::vector<FieldError> wrong;
};
/// Throws only for binary data and above 1 MiB.
PkgbuildFindings examinePkgbuild(std::string_view text);

} // namespace apbfarm::package

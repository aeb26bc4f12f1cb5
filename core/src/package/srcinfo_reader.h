// SPDX-License-Identifier: MIT
#pragma once

#include "package/package_info.h"

#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::package {

/// What a .SRCINFO says. Throws `InvalidInput` ("invalid_srcinfo") unless it is complete and every value is within
/// the rules, `TooLarge` above 1 MiB.
PackageInfo readSrcinfo(std::string_view text);

/// From both files: a valid .SRCINFO is preferred (K2). Where they disagree, and when the .SRCINFO is not valid, there
/// is a warning. Throws as `readPkgbuild` does, but a .SRCINFO may supply what only running the PKGBUILD would tell.
PackageInfo readPackage(std::string_view pkgbuild, const std::optional<std::string>& srcinfo);

} // namespace apbfarm::package

// SPDX-License-Identifier: MIT
#pragma once

#include "package/package_info.h"

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

/// "x86_64, aarch64" in the order given, without repeats; empty for an empty text. Throws `InvalidInput`
/// ("invalid_architectures", field "architectures") for a word outside [a-z0-9_]{1,32} or for more than 32.
std::vector<std::string> parseArchitectures(std::string_view commaList);

/// What of arch=() is wanted, in the order of the PKGBUILD. Nothing requested means all. Requested words that are not
/// in arch=() are dropped, except `any`, which is always kept. May be empty.
std::vector<std::string> targetArchitectures(const PackageInfo& info, const std::vector<std::string>& requested);

} // namespace apbfarm::package

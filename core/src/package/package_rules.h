// SPDX-License-Identifier: MIT
#pragma once

#include "package/package_info.h"

#include <apbfarm/errors.h>

#include <string_view>
#include <vector>

/// What names, versions and architectures may look like (threat-model K4).
namespace apbfarm::package {

inline constexpr std::size_t kMaxArchitectures = 32;
inline constexpr std::size_t kMaxPackageNames = 512;
inline constexpr std::size_t kMaxExtraRepositories = 32;

/// [a-z0-9@_+][a-z0-9@._+-]{0,127}
bool isPackageName(std::string_view text);
/// Printable ASCII without `/`, `:`, `-`; at most 128 characters.
bool isPackageVersion(std::string_view text);
/// 12 or 12.3
bool isPackageRelease(std::string_view text);
bool isEpoch(std::string_view text);
/// [A-Za-z0-9@_+][A-Za-z0-9@._+-]{0,127}
bool isRepositoryName(std::string_view text);
/// http or https, printable ASCII without quotes and backslashes; at most 2048 characters.
bool isRepositoryUrl(std::string_view text);
/// name::url
bool isRepositoryEntry(std::string_view text);
/// [a-z0-9_]{1,32}
bool isArchitecture(std::string_view text);

/// One complaint for each field that breaks a rule. Empty versions, releases and epochs pass.
std::vector<FieldError> complaintsAbout(const PackageInfo& info);

/// "What: first complaint; second complaint". The code says which kind of file.
[[noreturn]] void refuse(std::string_view what, std::string code, std::vector<FieldError> complaints);

} // namespace apbfarm::package

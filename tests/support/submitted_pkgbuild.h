// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace apbfarm::test {

/// The name that a build server shows; "unknown" when there is none.
std::string pkgnameOf(const std::string& pkgbuild);
/// The PKGBUILD of a gzip-compressed tar; empty when there is none. Reads no further.
std::string pkgbuildIn(const std::string& tarball);

} // namespace apbfarm::test

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace apbfarm::server {

/// The pacman.conf `base` with further repositories, a JSON array as in `BuildRecord::extraRepos`, behind its own.
/// Packages of one with a key must be signed. Throws std::runtime_error for a name that `base` has given to something else.
std::string withRepositories(const std::string& base, const std::string& extraRepos);

} // namespace apbfarm::server

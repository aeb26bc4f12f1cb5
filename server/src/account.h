// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

namespace apbfarm::server {

/// The unprivileged account that builds run as.
struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
    bool differsFromOurs = false;   ///< true only when we are root: files must change hands
};

/// `wanted` by name; when empty the current user, or for root `apb-build` if it exists, else `nobody`.
/// Throws std::runtime_error when the account does not exist, is root, or cannot be changed to.
Account findBuildAccount(const std::string& wanted);

} // namespace apbfarm::server

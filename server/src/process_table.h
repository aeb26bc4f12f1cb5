// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <map>

namespace apbfarm::server {

/// Of all processes that can be seen: parent to child.
std::multimap<pid_t, pid_t> childrenOfAll();

} // namespace apbfarm::server

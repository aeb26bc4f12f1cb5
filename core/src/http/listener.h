// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <string>
#include <vector>

namespace apbfarm::http {

/// Non-blocking listening sockets at one port of every address of this machine that the name stands for: `localhost` is
/// 127.0.0.1 and ::1, the empty one all addresses. Further sockets of this process may share them.
/// Port 0: any that is free at all of them. Never empty; throws std::system_error.
/// `isFirst`: the port must be free, so that a second farm on it fails instead of taking half of the clients.
std::vector<util::UniqueFd> listenOn(const std::string& host, std::uint16_t port, bool isFirst);

std::uint16_t boundPort(int socket);

} // namespace apbfarm::http

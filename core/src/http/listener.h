// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <string>

namespace apbfarm::http {

/// A non-blocking listening socket whose port further ones of this process may share. Throws std::system_error.
/// `isFirst`: the port must be free, so that a second farm on it fails instead of taking half of the clients.
util::UniqueFd listenOn(const std::string& host, std::uint16_t port, bool isFirst);

std::uint16_t boundPort(int socket);

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_client.h"

#include <string>

namespace apbfarm::fleet {

/// What a server says of itself as everybody may read it (Z4), JSON: the documented members of its `GET /` that are
/// numbers, and its few texts without addresses. Never throws for a `document` that came through readServerInfo().
std::string publicReport(const ServerInfo& info, const ServerId& server);

} // namespace apbfarm::fleet

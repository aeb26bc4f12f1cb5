// SPDX-License-Identifier: MIT
#pragma once

#include "util/service_manager.h"
#include "util/worker.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace apbfarm::http {

/// Whether a request to this port is answered within `limit`, with whatever it be: a refusal under load comes from a
/// server that lives. `host` is what the server listens on. Blocks so long at most; does not throw.
bool isAnswering(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);

/// Tells the manager that the server on this port lives, for as long as it answers itself. Null when nobody watches.
std::unique_ptr<util::Worker> startHeartbeat(const util::ServiceManager& manager, const std::string& host,
                                             std::uint16_t port, util::Worker::OnError onError);

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"

#include <optional>

namespace apbfarm::files {

/// Stands for the farm's own: nobody watches in the simulation.
class LogStreamHub {
public:
    void appended(const BuildId&) {}
    void ended(const BuildId&, const std::string&, std::optional<int>) {}
};

} // namespace apbfarm::files

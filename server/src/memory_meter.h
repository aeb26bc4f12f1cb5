// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <sys/types.h>

#include <cstdint>

namespace apbfarm::server {

/// How much memory a process and all that descends from it need at most, from looks at /proc once a second.
///
/// Counted is what cannot be thrown away and read again (anonymous memory); what processes share after a fork counts for
/// each of them. Needs no rights over these processes. Used by one thread.
class MemoryMeter {
public:
    explicit MemoryMeter(pid_t root) : root_(root) {}

    /// When the next look is due.
    util::Instant next() const { return next_; }
    /// Looks if it is due.
    void look(util::Instant now);
    /// Bytes; 0 before the first look.
    std::uint64_t peak() const { return peak_; }

private:
    pid_t root_;
    util::Instant next_{};
    std::uint64_t peak_ = 0;
};

} // namespace apbfarm::server

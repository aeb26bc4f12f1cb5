// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <atomic>

namespace apbfarm::test {

/// Time that only moves when a test says so.
class ManualClock final : public util::Clock {
public:
    Timestamp wall() const override { return fromEpoch(1'800'000'000) + elapsed() + std::chrono::microseconds(step_.load()); }
    util::Instant steady() const override { return util::Instant(std::chrono::hours(1)) + elapsed(); }
    void advance(std::chrono::microseconds by) { elapsed_ += by.count(); }
    /// Somebody sets the clock of the machine: no time passes.
    void stepWall(std::chrono::microseconds by) { step_ += by.count(); }

private:
    std::chrono::microseconds elapsed() const { return std::chrono::microseconds(elapsed_.load()); }
    std::atomic<std::int64_t> elapsed_{0}, step_{0};
};

} // namespace apbfarm::test

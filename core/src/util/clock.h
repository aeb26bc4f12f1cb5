// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <chrono>

namespace apbfarm::util {

using Instant = std::chrono::steady_clock::time_point;

/// Both times of the machine, so that tests can set them. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;

    /// For showing, retention and expiry.
    virtual Timestamp wall() const = 0;
    /// For deadlines, back-off and leases; never jumps.
    virtual Instant steady() const = 0;
};

class SystemClock final : public Clock {
public:
    Timestamp wall() const override
    {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    Instant steady() const override { return std::chrono::steady_clock::now(); }
};

} // namespace apbfarm::util

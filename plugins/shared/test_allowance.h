// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

namespace shared {

/// How often test messages may be sent (M4): one at a time, so that a silent receiver holds one thread at most, and
/// five in a minute.
class TestAllowance {
public:
    /// Held while a test runs.
    using Turn = std::shared_ptr<void>;

    /// Throws `TooMany`.
    Turn take();

private:
    using Time = std::chrono::steady_clock::time_point;

    std::mutex mutex_;
    bool running_ = false;
    std::deque<Time> recent_;
};

} // namespace shared

// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace apbfarm::proofs {

/// Times in milliseconds, in order.
struct Times {
    std::vector<double> sorted;
    std::uint64_t failures = 0;

    double at(double share) const;   ///< 0.99: the 99th percentile; 0 when there are none
    /// "400 requests, median 1.2 ms, p99 3.4 ms, worst 5.6 ms"
    std::string text() const;
};

/// Somebody who behaves and measures how long each answer takes, connection included.
class Honest {
public:
    explicit Honest(std::uint16_t port);
    ~Honest();

    /// Since the last call.
    Times times();

private:
    void work(std::uint16_t port);

    std::mutex mutex_;
    Times times_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}

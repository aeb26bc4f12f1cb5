// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace shared {

/// Cuts a connection when its time is over, so that a peer sending one byte a second cannot hold it for ever.
///
/// Reads and writes of the connection then fail at once. Ends with the destructor.
class Watchdog {
public:
    /// Keeps its own copy of the descriptor: closing the original is safe meanwhile.
    Watchdog(int socket, std::chrono::steady_clock::time_point deadline);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    bool hasCut() const;

private:
    void run();

    int socket_;
    std::chrono::steady_clock::time_point deadline_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    bool cut_ = false;
    std::thread thread_;   // last: starts when all else is there
};

} // namespace shared

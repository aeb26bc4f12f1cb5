// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <mutex>
#include <vector>

namespace apbfarm::http {

class Connection;

/// How other threads reach an event loop. May outlive it: event sources keep it through their wake functions.
class Mailbox {
public:
    struct Letters {
        std::vector<Connection*> answered;    ///< their handlers have returned
        std::vector<std::uint64_t> woken;     ///< stream groups with something new
        bool room = false;                    ///< for bodies that waited for it
        bool stop = false;
    };

    /// Throws std::system_error when there is no descriptor left.
    Mailbox();

    int descriptor() const { return event_.get(); }
    /// Waits for memory, if need be.
    void answered(Connection& connection) noexcept;
    void wake(std::uint64_t group);
    void roomMade();
    void stop();
    /// Swaps what has come into `letters`, which must be empty.
    void collect(Letters& letters);

private:
    template <class F> void post(F&& put);

    util::UniqueFd event_;
    std::mutex mutex_;
    Letters letters_;
    bool signalled_ = false;
};

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/unique_fd.h"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace apbfarm::fleet {

using util::Instant;

/// Why an exchange with a build server ended without a usable answer.
enum class Break { Unreachable, TimedOut, Closed, Aborted, Malformed, TooLarge };

/// Internal to the client; `ServerClient` turns it into a `CallError`.
class ExchangeBroken : public std::runtime_error {
public:
    ExchangeBroken(Break kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    Break kind() const { return kind_; }

private:
    Break kind_;
};

/// Ends every wait of one client, now and later. Raised by any thread.
class AbortSignal {
public:
    AbortSignal();
    void raise();
    bool isRaised() const;
    /// Readable once raised.
    int descriptor() const { return event_.get(); }

private:
    util::UniqueFd event_;
};

/// When a wait must end. A fixed moment, or one that bytes push on: a transfer may neither stall nor, on average, crawl.
class Deadline {
public:
    static Deadline at(Instant moment);
    static Deadline after(std::chrono::milliseconds time);
    /// Starts now; without a byte for `stall` it is over, and so it is when the average falls below `bytesPerSecond`
    /// after a first `stall`. That bounds the whole by its size, whatever the rhythm of the other side.
    static Deadline transfer(std::chrono::milliseconds stall, std::uint64_t bytesPerSecond);

    Instant next() const { return next_; }
    void moved(std::uint64_t bytes);

private:
    Instant start_{};
    Instant next_{};
    std::chrono::milliseconds stall_{0};
    std::uint64_t bytesPerSecond_ = 0; // 0: fixed
    std::uint64_t moved_ = 0;
};

/// What poll(2) reported for `descriptor`. Throws `ExchangeBroken` when the moment has come or the signal is raised.
short waitFor(int descriptor, short events, Instant until, const AbortSignal& abort);

} // namespace apbfarm::fleet

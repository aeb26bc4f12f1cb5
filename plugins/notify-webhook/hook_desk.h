// SPDX-License-Identifier: MIT
#pragma once

#include "outcome_log.h"
#include "target_book.h"

#include <apbfarm/context.h>
#include <apbfarm/notifier.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace webhook {

/// How one target has done since the start.
struct TargetState {
    std::uint64_t delivered = 0, refused = 0, failed = 0;
    std::optional<double> lastDeliveredAt;   ///< seconds since 1970
    std::optional<double> failingSince;      ///< empty while it takes what it is given
    std::string lastError;                   ///< our words; empty when it never failed
    std::chrono::steady_clock::time_point restsUntil{};   ///< not contacted before
};

/// What became of one message at one target.
struct Attempt {
    enum class Outcome { Delivered, Refused, Later };
    Outcome outcome = Outcome::Later;
    std::string why;                         ///< our words, without URL and answer; empty when delivered
    std::chrono::seconds notBefore{0};       ///< Later: when it may be tried again
};

/// The configured targets and what they are given. Thread-safe; no lock is held while a target is talked to.
class HookDesk {
public:
    /// Throws `InvalidInput` when the options or the file of targets are wrong.
    explicit HookDesk(apbfarm::ExtensionContext& context);

    /// As the file has them now. Never null.
    TargetBook::Targets targets() { return book_.current(); }

    /// Gives the message to every target that wants it and does not have it yet, in 28 seconds at most. Throws
    /// `InvalidInput` when all are done and some refused it, `Unavailable` when some are still owed it.
    void deliver(const apbfarm::Notification& message);

    /// One try at one target. A resting one is not contacted.
    Attempt attempt(const Target& target, const apbfarm::Notification& message, std::chrono::steady_clock::duration atMost);

    /// That of one that was never tried says so.
    TargetState stateOf(const Target& target) const;
    std::vector<Refusal> refusals(int limit) { return log_.refusals(limit); }

private:
    Attempt send(const Target& target, const apbfarm::Notification& message, std::chrono::steady_clock::duration atMost);
    void note(const Target& target, const Attempt& attempt);
    void remember(const Target& target, const apbfarm::Notification& message, const Attempt& tried, bool othersWantIt);

    HookOptions options_;
    OutcomeLog log_;
    Poco::Logger& logger_;
    TargetBook book_;
    mutable std::mutex mutex_;
    std::map<std::string, TargetState> states_;
};

} // namespace webhook

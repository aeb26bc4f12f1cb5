// SPDX-License-Identifier: MIT
#pragma once

#include "memory_room.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fit {

/// Chooses the server where a build is expected to be finished first. Pure: told what happens, and the time, which is
/// in seconds since 1970. Not thread-safe.
///
/// Without knowledge the server with the least to do is taken. Among servers that are about as good, too; with equal
/// load one that is not known yet, then the one chosen longest ago.
class FitPolicy {
public:
    struct Options {
        double degradedFactor = 1.5;     ///< a degraded server is expected to take so many times as long
        double buildrootSeconds = 300;   ///< one that recreates its buildroot begins so much later
        double longestHold = 600;        ///< a build waits so long at most for a faster server or for memory; 0: never
        double forgetAfter = 14 * 86400;
        double memoryShare = 0.9;        ///< of a server's memory that may be in use; 0: memory does not matter
    };

    explicit FitPolicy(Options options);

    apbfarm::Placement pick(const apbfarm::Build& build, std::span<const apbfarm::ServerSnapshot> candidates, double now);

    /// A build runs there since then, or is going to; its server answers.
    void running(const apbfarm::Build& build, const apbfarm::ServerId& server, double since);
    /// It ended, or nothing is known of it any more. Nothing is learned by that.
    void gone(const apbfarm::BuildId& build);
    void learn(const apbfarm::Build& build, double seconds, double now);
    /// Of a build that completed or failed.
    void learn(const apbfarm::Build& build, const ReportedMemory& memory, double now);

    Estimates& estimates() { return estimates_; }
    MemoryEstimates& memory() { return room_.estimates(); }

private:
    struct Choice;
    struct Running {
        apbfarm::ServerId server;
        double endsAt = 0;               ///< expected; 0: nothing known
    };
    struct Hold {
        apbfarm::ServerId server;
        double since = 0, lastAsked = 0;
        double seconds = 0;              ///< that it is going to run there
        std::uint64_t order = 0;
    };

    Choice judge(const apbfarm::Build& build, const apbfarm::ServerSnapshot& server, double now) const;
    Choice bestOf(const std::vector<Choice>& choices) const;
    static std::string reasonFor(const Choice& best, const std::vector<Choice>& choices, const std::string& condition);
    std::optional<Choice> betterLater(const apbfarm::Build& build, std::span<const apbfarm::ServerSnapshot> candidates,
                                      const Choice& best, double now);
    std::optional<double> freeAt(const apbfarm::ServerId& server, const apbfarm::BuildId& asking, double now) const;
    void forgetOldHolds(double now);

    Options options_;
    Estimates estimates_;
    MemoryRoom room_;
    std::map<apbfarm::BuildId, Running> running_;
    std::map<apbfarm::BuildId, Hold> holds_;
    std::map<apbfarm::ServerId, apbfarm::ServerSnapshot> seen_;
    std::map<apbfarm::ServerId, std::uint64_t> lastTurn_;
    std::uint64_t turn_ = 0;
    std::uint64_t order_ = 0;
};

} // namespace fit

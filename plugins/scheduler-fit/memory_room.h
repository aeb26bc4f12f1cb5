// SPDX-License-Identifier: MIT
#pragma once

#include "memory_estimates.h"

#include <apbfarm/model.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fit {

/// Says which servers have memory for a build, as far as is known. Pure: told what happens and the time, which is in
/// seconds since 1970. Not thread-safe.
///
/// A build that fits nowhere may have a server for itself when no other that is in use has more memory. Otherwise it
/// waits; after `longestHold` it goes where most is left. Of an architecture one build in `longestHold` does that, so
/// that a long queue does not bring about what waiting is to prevent.
class MemoryRoom {
public:
    struct Options {
        double share = 0.9;              ///< of a server's memory may be expected to be in use; 0: memory does not matter
        double longestHold = 600;
        double forgetAfter = 14 * 86400;
    };

    explicit MemoryRoom(Options options) : options_(options), estimates_(options.forgetAfter) {}

    struct Verdict {
        std::vector<const apbfarm::ServerSnapshot*> servers;   ///< of the candidates; empty: it waits
        std::string reason;              ///< why it waits or must go to that one server; otherwise empty
        std::string condition;           ///< what sets these apart from other candidates, " with 2.0 GiB ..."; or empty
    };
    Verdict choose(const apbfarm::Build& build, std::span<const apbfarm::ServerSnapshot> candidates, double now);

    /// It has memory enough when nothing else runs there, or nobody knows.
    bool couldHold(const apbfarm::Build& build, const apbfarm::ServerSnapshot& server, double now) const;

    /// A build runs there or is going to.
    void running(const apbfarm::Build& build, const apbfarm::ServerId& server, const std::string& architecture);
    /// It ended or is not known of any more.
    void gone(const apbfarm::BuildId& build) { running_.erase(build); }

    MemoryEstimates& estimates() { return estimates_; }

private:
    struct Room;
    struct Running {
        apbfarm::ServerId server;
        double bytes = 0;
    };
    struct Hold {
        double since = 0, lastAsked = 0;
    };

    double needOn(const apbfarm::Build& build, const std::string& architecture) const;
    double limitOf(const apbfarm::ServerId& server, double now) const;
    std::vector<Room> roomsFor(const apbfarm::Build& build, std::span<const apbfarm::ServerSnapshot> candidates, double now);
    static Verdict roomy(const std::vector<Room>& rooms);
    Verdict otherwise(const apbfarm::BuildId& build, const std::vector<Room>& rooms, double now);
    const Room* aloneOn(const std::vector<Room>& rooms, double now) const;
    bool hasWaitedEnough(const apbfarm::BuildId& build, const std::string& architecture, double now);

    Options options_;
    MemoryEstimates estimates_;
    std::map<apbfarm::BuildId, Running> running_;
    std::map<apbfarm::BuildId, Hold> holds_;
    std::map<apbfarm::ServerId, std::string> architectures_;   ///< of servers that were candidates
    std::map<std::string, double> lastForced_;                 ///< of an architecture
};

} // namespace fit

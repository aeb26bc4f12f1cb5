// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/sim/simulation.h"
#include "proofs/sim/world/engine.h"
#include "util/clock.h"

#include <apbfarm/storage.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::sim {

/// How often, out of a thousand, something goes wrong while the weather is bad.
struct Weather {
    std::uint64_t network = 0;           ///< a call to a server, in one of several ways
    std::uint64_t refusal = 0;           ///< a submission that its server does not take
    std::uint64_t lie = 0;               ///< a word of a server that is not true
    std::uint64_t disk = 0;              ///< a write
    std::uint64_t crash = 0;             ///< of the farm, at a write
    bool calm = false;                   ///< nothing goes wrong any more: all must come to its end
};

/// A build as its server has it.
struct RemoteJob {
    BuildStatus state = BuildStatus::Building;
    BuildStatus verdict = BuildStatus::Completed;
    Time doneAt{0};
    std::vector<std::string> packages;
    bool settled = true;                 ///< the final status has all its fields
    bool foreign = false;                ///< submitted by somebody else
    int lines = 0;
};

/// A build server: what it was given is the witness of what the farm has sent.
struct Server {
    ServerId id;
    std::string architecture;
    int slots = 1;
    bool up = true;
    std::map<BuildId, RemoteJob> jobs;
    std::map<BuildId, int> onTheirWay;   ///< submissions that the network still holds

    /// Builds whose time has come have ended.
    void proceed(Time now);
    int active(Time now);
};

/// What the rules say about one build, beside what is stored.
struct Known {
    bool acknowledged = false;           ///< the client was told that it is in
    bool cancelled = false;              ///< the client was told that it is cancelled
    bool excused = false;                ///< somebody said, and was not right, that its server does not have it
    bool foreign = false;
    int messages = 0;                    ///< in the outbox
    std::string submission;
};

struct Broken {};                        ///< a rule was; the case is over

/// Everything outside of the farm's process: clock, servers, what lies on the disk, and what people were told.
class World {
public:
    World(const simulation::Case& which, simulation::Coverage& coverage, std::uint64_t preemptions);

    static World* current();

    Engine engine;
    Random& random;
    const simulation::Case& which;
    simulation::Coverage& coverage;
    Weather weather;
    std::vector<Server> servers;
    std::map<BuildId, Known> builds;
    std::string broken;                  ///< the first rule that was, in words
    bool dies = false;                   ///< the farm's process ends before anything else happens
    Time clockStep{0};                   ///< what somebody set the wall clock by
    std::function<std::optional<Build>(const BuildId&)> rowOf;   ///< as stored

    Server& server(const ServerId& id);
    Known& known(const BuildId& id) { return builds[id]; }
    /// The first rule counts. \return `good`
    bool expect(bool good, const std::string& what);
    bool mayFail(std::uint64_t perMille) { return !weather.calm && random.chance(perMille); }
    /// The process is gone: the running thread does nothing any more.
    void crash();
    template <class... Parts> void trace(const Parts&... parts)
    {
        if (which.trace)
            print({textOf(parts)...});
    }

    /// A server takes a build: it must be the only one that ever had it (D4).
    void taken(Server& server, const BuildId& build);
    /// A build may be sent to that server (L3).
    void mayBeGiven(const ServerId& server, const BuildId& build);

private:
    static std::string textOf(const std::string& text) { return text; }
    static std::string textOf(const char* text) { return text; }
    static std::string textOf(std::string_view text) { return std::string(text); }
    static std::string textOf(long number) { return std::to_string(number); }
    void print(const std::vector<std::string>& parts) const;
};

/// The farm's clocks in virtual time.
class VirtualClock final : public util::Clock {
public:
    explicit VirtualClock(const World& world) : world_(world) {}
    Timestamp wall() const override { return fromEpoch(1'800'000'000) + world_.engine.now() + world_.clockStep; }
    util::Instant steady() const override { return util::Instant(std::chrono::hours(1)) + world_.engine.now(); }

private:
    const World& world_;
};

} // namespace apbfarm::sim

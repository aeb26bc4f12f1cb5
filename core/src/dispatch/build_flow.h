// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/dispatcher.h"
#include "dispatch/server_crew.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace apbfarm::dispatch {

/// Carries every action of a build's life to whoever does it: the queue, the dispatcher, the crew of its server.
///
/// Nothing here waits for a server. The queue must be empty until it is constructed: builds are recovered after it.
class BuildFlow {
public:
    struct Parts {
        service::BuildLedger& ledger;
        service::BuildQueue& queue;
        fleet::Fleet& fleet;
        Scheduler& scheduler;
        service::Payloads& payloads;
        files::LogStore& logs;
        files::LogStreamHub& streams;
        files::ArtifactStore& artifacts;
        const util::Clock& clock;
        util::TaskBoard& tasks;
    };
    struct Settings {
        Pace pace;
        fleet::ClientOptions client;
        Dispatcher::Limits dispatch;
    };

    /// `concluded` hears of every build that became final, after all else; it must not block.
    BuildFlow(const Parts& parts, const Settings& settings, util::Worker::OnError report,
              std::function<void(const Build&)> concluded);
    ~BuildFlow();

    /// The ledger's sink. Any thread.
    void take(const Build& build, life::Action action);
    void wakeDispatcher() { dispatcher_.wake(); }
    /// To be called about once a minute. Builds on servers that were not configured at the start are never asked about
    /// (V1); only time passes for them. Servers that retired are left once no build is on them.
    void tidy();
    /// Works with the servers that the fleet has now, at this pace. A throw left the pace and limits as they were.
    /// `client` counts for servers that are new. From one thread.
    void configure(const Settings& settings);
    /// Once the builds from before the start are recovered: what is found from then on becomes a build as well.
    void startDiscovery();
    void stop();

private:
    using Crews = std::map<ServerId, std::shared_ptr<ServerCrew>>;

    void conclude(const Build& build);
    void hireCrews(const fleet::ClientOptions& client);
    void adoptOrphans();
    void dismissCrews();
    bool hand(const Build& build, life::Action action);
    void enqueue(const Build& build);

    Parts parts_;
    LogTail tail_;
    util::Worker::OnError report_;
    std::function<void(const Build&)> concluded_;
    util::Guarded<std::set<BuildId>> orphans_;
    util::Guarded<Pace> pace_;
    std::atomic<bool> discovers_ = false;
    Dispatcher dispatcher_;
    util::Guarded<Crews> crews_;   // held for no longer than it takes to put a build into a lane
};

} // namespace apbfarm::dispatch

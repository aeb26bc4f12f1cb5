// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/dispatcher.h"
#include "dispatch/server_crew.h"

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
    /// Builds on servers that are not configured any more are never asked about (V1); only time passes for them.
    /// To be called about once a minute.
    void ageOrphans();
    /// Once the builds from before the start are recovered: what is found from then on becomes a build as well.
    void startDiscovery();
    void stop();

private:
    void conclude(const Build& build);
    ServerCrew* crewOf(const Build& build);

    Parts parts_;
    LogTail tail_;
    std::function<void(const Build&)> concluded_;
    util::Guarded<std::set<BuildId>> orphans_;
    Dispatcher dispatcher_;
    std::map<ServerId, std::unique_ptr<ServerCrew>> crews_;   // filled once, then only read
};

} // namespace apbfarm::dispatch

// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/build_discovery.h"
#include "dispatch/lane.h"
#include "util/guarded.h"

#include <atomic>
#include <map>
#include <optional>
#include <string>

namespace apbfarm::dispatch {

/// Watches one server: asks how it is, what its builds do, and passes cancels on, until each got an answer.
class FollowLane {
public:
    explicit FollowLane(const LaneContext& context);
    ~FollowLane() { stop(); }

    /// Ask about the build soon, and from then on regularly. Any thread.
    void ask(const BuildId& build);
    /// Pass the cancel on soon, and again until the server answers.
    void cancel(const BuildId& build);
    void forget(const BuildId& build);
    /// From now on builds that were submitted to the server directly are looked for.
    void startDiscovery();
    void stop();

private:
    struct Watched {
        util::Instant due{};
        bool cancel = false;
        int failures = 0;
        std::string unsettled;       ///< the last final document that lacked fields; the same twice is settled
    };

    std::optional<std::chrono::milliseconds> step();
    void probe();
    void serverIsBack();
    /// A server that does not answer is not asked more than how it is.
    bool mayDiscover() const { return discovers_ && probeFailures_ == 0; }
    std::optional<BuildId> nextDue(util::Instant now);
    void visit(const BuildId& build);
    void visitToCancel(const BuildId& build);
    void take(const BuildId& build, const fleet::RemoteBuild& remote);
    bool isSettled(const BuildId& build, const fleet::RemoteBuild& remote);
    void noAnswer(const BuildId& build, const fleet::CallError& error);
    void answered(const BuildId& build, std::chrono::milliseconds next);
    bool serverHealthy() const;
    std::chrono::milliseconds jittered(std::chrono::milliseconds pace);

    const LaneContext& context_;
    fleet::ServerClient client_;
    util::Guarded<std::map<BuildId, Watched>> watched_;
    BuildDiscovery discovery_;
    util::Instant nextProbe_{}, nextDiscovery_{};
    std::atomic<bool> discovers_ = false;
    int probeFailures_ = 0;
    unsigned jitter_ = 0;
    util::Worker worker_;
};

} // namespace apbfarm::dispatch

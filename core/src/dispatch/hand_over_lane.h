// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/lane.h"
#include "service/payloads.h"
#include "util/guarded.h"

#include <deque>
#include <optional>
#include <utility>

namespace apbfarm::dispatch {

/// Sends builds to one server, one after the other, and reports what became of each request (L2).
class HandOverLane {
public:
    HandOverLane(const LaneContext& context, service::Payloads& payloads);
    ~HandOverLane() { stop(); }

    /// Only after the intent is stored (L1). Any thread.
    void send(const BuildId& build);
    void stop();

private:
    std::optional<std::chrono::milliseconds> step();
    life::Event handOver(const Build& build);
    life::Event send(const Build& build, fleet::Payload& payload);
    fleet::HandOverResult sendAsFiles(const fleet::HandOver& handOver, const fleet::Payload& payload);
    life::Event notForThisServer(const Build& build, const std::string& why) const;
    life::Event eventOf(const Build& build, const fleet::HandOverResult& result);
    void deliver();

    const LaneContext& context_;
    service::Payloads& payloads_;
    fleet::ServerClient client_;
    util::Guarded<std::deque<BuildId>> waiting_;
    int failures_ = 0;
    /// Learnt from its answers and forgotten when it was away: it may have come back newer.
    bool takesFilesOnly_ = false;
    /// What a server answered must reach the ledger even when the database is away for a moment: sent is sent.
    std::optional<std::pair<BuildId, life::Event>> outcome_;
    util::Worker worker_;
};

} // namespace apbfarm::dispatch

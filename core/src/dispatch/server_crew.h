// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/file_lane.h"
#include "dispatch/follow_lane.h"
#include "dispatch/hand_over_lane.h"
#include "dispatch/log_lane.h"

namespace apbfarm::dispatch {

/// The four lanes of one build server.
class ServerCrew {
public:
    ServerCrew(LaneContext context, service::Payloads& payloads, LogTail& tail, files::ArtifactStore& artifacts)
        : context_(std::move(context)), handOver_(context_, payloads), follow_(context_), log_(context_, tail),
          files_(context_, tail, artifacts)
    {
    }

    void take(const Build& build, life::Action action);
    void startDiscovery() { follow_.startDiscovery(); }
    /// Waits for running calls, which are cut short.
    void stop();

private:
    LaneContext context_;
    HandOverLane handOver_;
    FollowLane follow_;
    LogLane log_;
    FileLane files_;
};

} // namespace apbfarm::dispatch

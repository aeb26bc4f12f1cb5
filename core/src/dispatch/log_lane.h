// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/lane.h"
#include "dispatch/log_tail.h"
#include "util/guarded.h"

#include <map>

namespace apbfarm::dispatch {

/// Tails the logs of all builds that run on one server into the farm's own files: one reader per build, however
/// many people watch (H25).
class LogLane {
public:
    LogLane(const LaneContext& context, LogTail& tail);
    ~LogLane() { stop(); }

    void follow(const BuildId& build);
    void forget(const BuildId& build);
    void stop();

private:
    std::optional<std::chrono::milliseconds> step();
    void pull(const BuildId& build);

    struct Tailed {
        util::Instant due{};
        int failures = 0;
    };

    const LaneContext& context_;
    LogTail& tail_;
    fleet::ServerClient client_;
    util::Guarded<std::map<BuildId, Tailed>> builds_;
    util::Worker worker_;
};

} // namespace apbfarm::dispatch

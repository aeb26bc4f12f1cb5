// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"
#include "service/build_ledger.h"
#include "service/build_queue.h"
#include "util/guarded.h"
#include "util/task_board.h"
#include "util/worker.h"

#include <apbfarm/scheduler.h>

#include <chrono>
#include <cstddef>

namespace apbfarm::dispatch {

/// Moves queued builds to build servers, oldest first; architectures do not wait for each other.
///
/// One thread does the work, so the scheduler is never called twice at once. It only decides and stores the
/// decision; sending is the business of each server's own lane, so no server can hold it up (L5).
class Dispatcher {
public:
    using Report = util::Worker::OnError;

    struct Limits {
        std::chrono::milliseconds interval{5000};   ///< longest sleep; what could change a decision wakes it earlier
        std::chrono::milliseconds maxWait{0};       ///< a build that waited longer fails; 0: it waits on (L6)
    };

    Dispatcher(service::BuildLedger& ledger, service::BuildQueue& queue, fleet::Fleet& fleet, Scheduler& scheduler,
               const util::Clock& clock, Limits limits, util::TaskBoard& tasks, Report report);

    /// Looks at the queue soon. Any thread.
    void wake() { worker_.wake(); }
    /// From the next look on. Any thread.
    void configure(Limits limits) { limits_.with([&](Limits& now) { now = limits; }); }
    void stop() { worker_.stop(); }

    /// One pass over the queue. Returns how many builds found a server. Only for tests and the own thread.
    std::size_t dispatchQueued();

private:
    struct Cursor;
    bool consider(const service::BuildQueue::Entry& entry);
    bool place(const Build& build, const ServerSnapshot& server, const std::string& reason);
    void failOverdue();
    void catchUp();
    std::optional<std::chrono::milliseconds> step();

    service::BuildLedger& ledger_;
    service::BuildQueue& queue_;
    fleet::Fleet& fleet_;
    Scheduler& scheduler_;
    const util::Clock& clock_;
    util::Guarded<Limits> limits_;
    util::Instant nextCatchUp_{};
    util::Worker worker_;   // last, so that it stops before the rest goes away
};

} // namespace apbfarm::dispatch

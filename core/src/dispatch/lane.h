// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"
#include "service/build_ledger.h"
#include "util/guarded.h"
#include "util/task_board.h"
#include "util/worker.h"

#include <chrono>
#include <functional>

namespace apbfarm::dispatch {

/// How often a server is asked, and how long the farm keeps trying. Upper bounds that tests shorten.
struct Pace {
    std::chrono::milliseconds probe{15000};     ///< V5: `GET /`, which takes existing servers a second
    std::chrono::milliseconds status{5000};     ///< V5: per active build
    std::chrono::milliseconds log{1000};        ///< per building build
    std::chrono::milliseconds discovery{300000}; ///< for builds that were not submitted here
    std::chrono::milliseconds settle{1500};     ///< until a final status has all its fields
    std::chrono::milliseconds backOff{1000};    ///< after a failed call, doubled up to `longestBackOff`
    std::chrono::milliseconds longestBackOff{60000};
    std::chrono::milliseconds fileGiveUp{std::chrono::minutes(30)};
};

/// What all lanes of a server share. One lane is one thread with one connection for one purpose, so that no
/// purpose can starve another and no server can hold up the rest of the farm (V3, L5).
struct LaneContext {
    ServerId server;
    fleet::ClientOptions client;
    const util::Guarded<Pace>& livePace;
    service::BuildLedger& ledger;
    fleet::Fleet& fleet;
    const util::Clock& clock;
    util::TaskBoard& tasks;
    std::function<void()> wakeDispatcher;
    util::Worker::OnError report;

    /// As configured now.
    Pace pace() const { return livePace.copy(); }
};

/// 1, 2, 4, ... times the first step.
inline std::chrono::milliseconds backOffAfter(int failures, const Pace& pace)
{
    const auto factor = 1 << std::min(std::max(failures - 1, 0), 16);
    return std::min(pace.longestBackOff, pace.backOff * factor);
}

} // namespace apbfarm::dispatch

// SPDX-License-Identifier: MIT
#include "dispatch/dispatcher.h"

#include <algorithm>
#include <vector>

namespace apbfarm::dispatch {

namespace {

/// A scheduler that turns down this many builds in a row is not asked about the rest in the same pass.
constexpr int kRefusalsPerPass = 1000;

} // namespace

/// Where a pass stands in one lane of the queue.
struct Dispatcher::Cursor {
    std::string lane;
    std::optional<service::BuildQueue::Entry> next;
};

Dispatcher::Dispatcher(service::BuildLedger& ledger, service::BuildQueue& queue, fleet::Fleet& fleet,
                       Scheduler& scheduler, const util::Clock& clock, Limits limits, util::TaskBoard& tasks,
                       Report report)
    : ledger_(ledger), queue_(queue), fleet_(fleet), scheduler_(scheduler), clock_(clock), limits_(limits),
      worker_("dispatcher", tasks.watched("queue", "Finds servers for builds that wait", [this] { return step(); }),
              std::move(report))
{
}

std::optional<std::chrono::milliseconds> Dispatcher::step()
{
    dispatchQueued();
    failOverdue();
    catchUp();
    const auto pause = fleet_.nextPauseEnd();
    const auto interval = limits_.copy().interval;
    return pause ? std::min(*pause, interval) : interval;
}

std::size_t Dispatcher::dispatchQueued()
{
    std::vector<Cursor> cursors;
    for (auto& lane : queue_.lanes()) {
        auto first = queue_.nextOf(lane, 0);
        cursors.push_back({std::move(lane), std::move(first)});
    }
    std::size_t placed = 0;
    int refusals = 0;
    for (;;) {
        const auto older = [](const Cursor& a, const Cursor& b) {
            return a.next && (!b.next || a.next->sequence < b.next->sequence);
        };
        const auto oldest = std::ranges::min_element(cursors, older);
        if (oldest == cursors.end() || !oldest->next || refusals >= kRefusalsPerPass)
            return placed;
        if (fleet_.candidatesFor(oldest->lane, {}).empty()) {
            queue_.setLaneReason(oldest->lane, fleet_.whyNobody(oldest->lane));
            oldest->next.reset();
            continue;
        }
        if (consider(*oldest->next))
            ++placed;
        else
            ++refusals;
        oldest->next = queue_.nextOf(oldest->lane, oldest->next->sequence);
    }
}

/// What is done late may fail again, and wake this thread while it does.
void Dispatcher::catchUp()
{
    constexpr std::chrono::seconds kPause{1};
    if (clock_.steady() < nextCatchUp_)
        return;
    nextCatchUp_ = clock_.steady() + kPause;
    ledger_.catchUp();
}

/// After the pass, so that nothing fails that a server could have had. The queue is in order of acceptance: the first
/// that may wait on ends the look.
void Dispatcher::failOverdue()
{
    const auto maxWait = limits_.copy().maxWait;
    if (maxWait <= std::chrono::milliseconds(0))
        return;
    for (;;) {
        const auto first = queue_.list(0, 1);
        const auto age = first.empty() ? std::nullopt : ledger_.ageOf(first.front().id);
        if (!age || *age < maxWait)
            return;
        const auto& id = first.front().id;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(maxWait).count();
        const auto last = queue_.reasonFor(id);
        ledger_.apply(id, life::WaitedTooLong{"No build server could take it within " + std::to_string(seconds) +
                                              " seconds, the longest time a build waits here. " + last});
        queue_.remove(id);
    }
}

bool Dispatcher::consider(const service::BuildQueue::Entry& entry)
{
    const auto build = ledger_.findLive(entry.id);
    if (!build || build->state != BuildState::Queued) {
        queue_.remove(entry.id);
        return false;
    }
    const auto candidates = fleet_.candidatesFor(entry.lane, build->refusedBy);
    if (candidates.empty()) {
        queue_.setReason(entry.id, "Waiting for a server that accepts a source tarball of this size");
        return false;
    }
    const auto placement = scheduler_.pick(*build, candidates);
    if (!placement.server) {
        queue_.setReason(entry.id, placement.reason);
        return false;
    }
    // G4: the choice of a plugin is checked again against the truth.
    const auto chosen = std::ranges::find(candidates, *placement.server, &ServerSnapshot::id);
    if (chosen == candidates.end()) {
        queue_.setReason(entry.id, "Waiting: the scheduler chose a server that cannot take it");
        return false;
    }
    return place(*build, *chosen, placement.reason);
}

bool Dispatcher::place(const Build& build, const ServerSnapshot& server, const std::string& reason)
{
    fleet_.occupy(server.id, build.id);
    // Out of the queue first: the lane may bring it back before this call returns.
    queue_.remove(build.id);
    try {
        const auto after = ledger_.apply(build.id, life::Placed{server.id, server.architecture, reason});
        if (after && after->server == server.id)
            return true;
    } catch (...) {
        // Somebody else may have written it, and it may be on this very server (S4).
        if (!ledger_.isOn(build.id, server.id))
            fleet_.release(server.id, build.id);
        ledger_.queueLater(build.id);
        throw;
    }
    fleet_.release(server.id, build.id);
    return false;
}

} // namespace apbfarm::dispatch

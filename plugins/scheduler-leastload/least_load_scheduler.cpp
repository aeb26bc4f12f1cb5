// SPDX-License-Identifier: MIT
#include "least_load_scheduler.h"

#include <algorithm>
#include <compare>

namespace leastload {

using namespace apbfarm;

namespace {

// Hand-overs under way occupy slots before the server reports them as running.
int busyOn(const ServerSnapshot& server)
{
    return std::max(server.building, server.slots - server.freeSlots);
}

std::string count(int number, const std::string& noun)
{
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string reasonFor(const Build& build, const ServerSnapshot& chosen, std::size_t candidates)
{
    const auto what = build.anyArchitecture ? std::string("any architecture") : build.architecture;
    const auto whom = candidates == 1 ? "the only free server for " + what
                                      : "least loaded of " + std::to_string(candidates) + " servers for " + what;
    return whom + " (" + std::to_string(busyOn(chosen)) + " building, " + count(chosen.freeSlots, "slot") + " free)";
}

} // namespace

struct LeastLoadScheduler::Rank {
    double score;
    double relativeLoad;
    std::uint64_t lastTurn;

    auto operator<=>(const Rank&) const = default;
};

LeastLoadScheduler::LeastLoadScheduler(const OptionView& options)
    : queueWeight_(options.getDouble("queueWeight")),
      degradedPenalty_(options.getDouble("degradedPenalty")),
      buildrootPenalty_(options.getDouble("buildrootPenalty"))
{
}

LeastLoadScheduler::Rank LeastLoadScheduler::rankOf(const ServerSnapshot& server) const
{
    double score = busyOn(server) + queueWeight_ * server.queued;
    if (server.health == ServerHealth::Degraded)
        score += degradedPenalty_;
    if (server.recreatingBuildroot)
        score += buildrootPenalty_;
    const double relative = static_cast<double>(busyOn(server) + server.queued) / std::max(server.slots, 1);
    const auto used = lastTurn_.find(server.id);
    return {score, relative, used == lastTurn_.end() ? 0 : used->second};
}

Placement LeastLoadScheduler::pick(const Build& build, std::span<const ServerSnapshot> candidates)
{
    const auto best = std::ranges::min_element(candidates, std::ranges::less{},
                                               [this](const ServerSnapshot& server) { return rankOf(server); });
    if (best == candidates.end())
        return Placement::wait("waiting for a free server");
    lastTurn_[best->id] = ++turn_;
    return Placement::on(best->id, reasonFor(build, *best, candidates.size()));
}

} // namespace leastload

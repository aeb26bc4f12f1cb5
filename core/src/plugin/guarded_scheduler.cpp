// SPDX-License-Identifier: MIT
#include "plugin/guarded_scheduler.h"

#include "util/text.h"

#include <algorithm>
#include <optional>

namespace apbfarm::plugin {

namespace {

const ServerSnapshot* findIn(std::span<const ServerSnapshot> candidates, const ServerId& id)
{
    const auto found = std::ranges::find(candidates, id, &ServerSnapshot::id);
    return found == candidates.end() ? nullptr : &*found;
}

bool mayTake(const ServerSnapshot& server)
{
    return server.freeSlots > 0 &&
           (server.health == ServerHealth::Healthy || server.health == ServerHealth::Degraded);
}

} // namespace

GuardedScheduler::GuardedScheduler(std::unique_ptr<Scheduler> inner, std::string name, PluginGuard& guard)
    : inner_(std::move(inner)), name_(std::move(name)), guard_(guard)
{
}

Placement GuardedScheduler::pick(const Build& build, std::span<const ServerSnapshot> candidates)
{
    auto answer = guard_.call("pick", std::optional<Placement>(),
                              [&] { return std::optional(inner_->pick(build, candidates)); });
    if (!answer)
        return withoutPlugin(candidates);

    if (answer->server) {
        const auto* chosen = findIn(candidates, *answer->server);
        if (!chosen || !mayTake(*chosen)) {
            guard_.reportFailure("pick", chosen ? "it chose a server that cannot take a build"
                                                : "it chose a server that is not a candidate");
            return withoutPlugin(candidates);
        }
    }
    answer->reason = presentable(std::move(answer->reason), candidates);
    return std::move(*answer);
}

Placement GuardedScheduler::withoutPlugin(std::span<const ServerSnapshot> candidates) const
{
    const std::string failed = "The scheduler '" + name_ + "' failed";
    const ServerSnapshot* best = nullptr;
    for (const auto& candidate : candidates)
        if (mayTake(candidate) && (!best || candidate.freeSlots > best->freeSlots))
            best = &candidate;
    if (!best)
        return Placement::wait(failed + "; administrators can see why");
    return Placement::on(best->id, failed + ", the server with the most free slots was taken; administrators can see why");
}

std::string GuardedScheduler::presentable(std::string reason, std::span<const ServerSnapshot> candidates) const
{
    const bool namesAServer = reason.find("://") != std::string::npos ||
                              std::ranges::any_of(candidates, [&](const ServerSnapshot& candidate) {
                                  return reason.find(candidate.id) != std::string::npos;
                              });
    if (reason.empty() || namesAServer)
        return "Chosen by the scheduler '" + name_ + "'";
    return util::oneLine(reason, 300);
}

} // namespace apbfarm::plugin

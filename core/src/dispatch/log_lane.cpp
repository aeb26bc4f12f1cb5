// SPDX-License-Identifier: MIT
#include "dispatch/log_lane.h"

#include <algorithm>
#include <vector>

namespace apbfarm::dispatch {

LogLane::LogLane(const LaneContext& context, LogTail& tail)
    : context_(context), tail_(tail), client_(context.server, context.client),
      worker_("log-tail",
              context.tasks.watched("logs", "Fetches what running builds write", [this] { return step(); }), context.report)
{
}

void LogLane::follow(const BuildId& build)
{
    builds_.with([&](auto& builds) { builds.try_emplace(build, Tailed{context_.clock.steady(), 0}); });
    worker_.wake();
}

void LogLane::forget(const BuildId& build)
{
    builds_.with([&](auto& builds) { builds.erase(build); });
}

void LogLane::stop()
{
    client_.abort();
    worker_.stop();
}

std::optional<std::chrono::milliseconds> LogLane::step()
{
    const auto now = context_.clock.steady();
    const auto due = builds_.with([&](const auto& builds) {
        std::vector<BuildId> ids;
        for (const auto& [id, tailed] : builds)
            if (tailed.due <= now)
                ids.push_back(id);
        return ids;
    });
    for (const auto& build : due)
        pull(build);
    return builds_.with([&](const auto& builds) -> std::optional<std::chrono::milliseconds> {
        if (builds.empty())
            return std::nullopt;
        const auto next = std::ranges::min_element(builds, {}, [](const auto& b) { return b.second.due; });
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next->second.due - context_.clock.steady());
        return std::max(left, std::chrono::milliseconds(0));
    });
}

void LogLane::pull(const BuildId& build)
{
    const auto progress = tail_.pull(client_, build);
    builds_.with([&](auto& builds) {
        const auto found = builds.find(build);
        if (found == builds.end())
            return;
        auto& [due, failures] = found->second;
        failures = progress == LogTail::Progress::NoAnswer ? failures + 1 : 0;
        const auto pause = progress == LogTail::Progress::More ? std::chrono::milliseconds(0)
                           : failures > 0                      ? backOffAfter(failures, context_.pace())
                                                               : context_.pace().log;
        due = context_.clock.steady() + pause;
    });
}

} // namespace apbfarm::dispatch

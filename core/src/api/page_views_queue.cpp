// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr std::size_t kQueueShown = 20;

} // namespace

/// When each slot of the servers that take builds is free.
service::QueueForecast DashboardView::forecast(const std::vector<fleet::ServerView>& servers)
{
    service::QueueForecast forecast;
    for (const auto& server : servers) {
        const auto& snapshot = server.snapshot;
        if (snapshot.health != ServerHealth::Healthy && snapshot.health != ServerHealth::Degraded)
            continue;
        for (int i = 0; i < snapshot.freeSlots; ++i)
            forecast.addSlot(snapshot.architecture, std::chrono::seconds(0));
        for (const auto& id : server.builds) {
            const auto build = context_.reader.find(id);
            auto left = build && build->startedAt ? context_.estimates.typical(*build) : std::nullopt;
            if (left)
                left = std::max(std::chrono::seconds(0), *left - std::chrono::duration_cast<std::chrono::seconds>(
                                                                     now_ - *build->startedAt));
            forecast.addSlot(snapshot.architecture, left);
        }
    }
    return forecast;
}

void DashboardView::addQueue(View& view, const std::vector<fleet::ServerView>& servers)
{
    std::vector<View> entries;
    auto slots = forecast(servers);
    for (const auto& entry : context_.queue.list(0, kQueueShown))
        if (const auto build = context_.reader.find(entry.id))   // else it left the queue meanwhile
            entries.push_back(waiting(*build, entry, entries.size() + 1, slots));
    const auto size = context_.queue.size();
    view.number("queueSize", static_cast<std::int64_t>(size));
    view.text("queueMore", size > kQueueShown ? std::to_string(size - kQueueShown) : std::string());
    view.flag("hasQueue", !entries.empty()).list("queue", std::move(entries));
}

View DashboardView::waiting(const Build& build, const service::BuildQueue::Entry& entry, std::size_t position,
                            service::QueueForecast& forecast)
{
    auto item = briefly(build);
    const auto reason = context_.queue.reasonFor(entry.id);
    const auto expected = forecast.next(entry.lane, context_.estimates.typical(build));
    item.number("position", static_cast<std::int64_t>(position)).text("lane", entry.lane);
    item.text("reason", reason.empty() ? "It is next to be looked at." : reason);
    item.text("startsIn", expected.startsIn ? words::roughly(*expected.startsIn) : std::string());
    item.text("takes", expected.takes ? words::roughly(*expected.takes) : std::string());
    item.text("customLimit", words::customLimit(build));
    words::addTime(item, "created", build.createdAt);
    addUser(item, build);
    return item;
}

} // namespace apbfarm::api

// SPDX-License-Identifier: MIT
#include "http/request_metrics.h"

#include <algorithm>

namespace apbfarm::http {

RequestMetrics::RequestMetrics(const Router& router)
{
    for (const auto& route : router.routes())
        order_.push_back(route.get());
    order_.push_back(nullptr);
    for (const auto* route : order_)
        slots_.emplace(route, std::make_unique<Slot>());
}

void RequestMetrics::add(const Route* route, int status, std::chrono::microseconds duration) noexcept
{
    const auto found = slots_.find(route);
    if (found == slots_.end())
        return;
    const auto known = std::find(kStatuses.begin(), kStatuses.end(), status);
    const auto index = known == kStatuses.end() ? 0 : known - kStatuses.begin();
    found->second->statuses[static_cast<std::size_t>(index)].fetch_add(1, std::memory_order_relaxed);
    found->second->durations.add(duration);
}

RequestMetrics::RouteReport RequestMetrics::reportOf(const Route* route, const Slot& slot)
{
    RouteReport report{route, {}, slot.durations.snapshot()};
    for (std::size_t i = 0; i < kStatuses.size(); ++i)
        if (const auto count = slot.statuses[i].load(std::memory_order_relaxed); count > 0)
            report.statuses.emplace_back(kStatuses[i], count);
    return report;
}

std::vector<RequestMetrics::RouteReport> RequestMetrics::report() const
{
    std::vector<RouteReport> reports;
    for (const auto* route : order_)
        if (auto report = reportOf(route, *slots_.at(route)); !report.statuses.empty())
            reports.push_back(std::move(report));
    return reports;
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "service/build_statistics.h"

#include <vector>

namespace apbfarm::service {

namespace {

constexpr std::chrono::minutes kFresh{1};
constexpr std::int64_t kDay = 86400;

std::int64_t dayOf(Timestamp time)
{
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count() / kDay;
}

} // namespace

void BuildCounts::add(const TalliedBuilds& tally)
{
    submitted += tally.builds;
    if (tally.status == BuildStatus::Completed)
        completed += tally.builds;
    if (tally.status == BuildStatus::Failed)
        failed += tally.builds;
    if (tally.status == BuildStatus::Cancelled)
        cancelled += tally.builds;
    started += tally.started;
    ended += tally.ended;
    waited += tally.waited;
    built += tally.built;
}

std::optional<int> BuildCounts::successPercent() const
{
    const auto over = completed + failed;
    return over > 0 ? std::optional(static_cast<int>(100 * completed / over)) : std::nullopt;
}

StatisticsService::StatisticsService(BuildStore& store, const util::Clock& clock, util::Worker::OnError onError)
    : store_(store), clock_(clock), worker_("statistics", [this] { return refresh(); }, std::move(onError))
{
}

std::shared_ptr<const BuildStatistics> StatisticsService::of(int days)
{
    const auto known = known_.with([&](const Known& all) {
        const auto found = all.find(days);
        return found == all.end() ? nullptr : found->second;
    });
    if (!known)
        return count(days);
    if (clock_.wall() - known->at > kFresh)
        worker_.wake();
    return known;
}

std::shared_ptr<const BuildStatistics> StatisticsService::count(int days)
{
    auto counted = std::make_shared<BuildStatistics>();
    counted->at = clock_.wall();
    counted->days = days;
    counted->firstDay = dayOf(counted->at) - days + 1;
    for (const auto& tally : store_.tally(Timestamp(std::chrono::seconds(counted->firstDay * kDay)))) {
        counted->all.add(tally);
        counted->byDay[tally.day].add(tally);
        counted->byArchitecture[tally.architecture].add(tally);
        if (!tally.server.empty())
            counted->byServer[tally.server].add(tally);
        if (tally.owner)
            counted->byUser[*tally.owner].add(tally);
    }
    known_.with([&](Known& all) { all[days] = counted; });
    return counted;
}

/// Whatever was asked for and is not fresh any more.
std::optional<std::chrono::milliseconds> StatisticsService::refresh()
{
    std::vector<int> stale;
    known_.with([&](const Known& all) {
        for (const auto& [days, counted] : all)
            if (clock_.wall() - counted->at > kFresh)
                stale.push_back(days);
    });
    for (const auto days : stale)
        count(days);
    return std::nullopt;
}

} // namespace apbfarm::service

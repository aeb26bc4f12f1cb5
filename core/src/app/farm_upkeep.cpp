// SPDX-License-Identifier: MIT
// What the farm does by itself, again and again.
#include "app/farm.h"

#include <algorithm>
#include <utility>

namespace apbfarm::app {

using std::chrono::milliseconds;

namespace {

constexpr std::chrono::seconds kHousekeeping{60};
constexpr std::chrono::seconds kWatchPause{5};
constexpr std::chrono::hours kBetweenWarnings{1};
/// Not in the busy moments of a start.
constexpr std::chrono::minutes kFirstCleaning{1};
/// A submission stores its payload before its row; what is younger than this may belong to one under way.
constexpr std::chrono::hours kUnusedPayloadAge{1};

} // namespace

void Farm::startHousekeeping()
{
    reloadTask();   // shown from the start
    backups_ = std::make_unique<Backups>(*storage_, config_.state.directory / "backups", tasks_, *alerts_, reporter());
    backups_->every(config_.database.backupInterval);
    cacheCleaning_ = std::make_unique<util::Worker>(
        "cache",
        [this, first = true]() mutable -> std::optional<milliseconds> {
            const auto pause = live_.copy().cache.cleanupInterval;
            if (std::exchange(first, false))
                return std::min<milliseconds>(pause, kFirstCleaning);
            cleanCache();
            return pause;
        },
        reporter());
    housekeeping_ = std::make_unique<util::Worker>(
        "housekeeping",
        tasks_.watched("housekeeping", "Looks after sessions, uploads and builds on servers that are gone",
                       [this] { return housekeep(); }),
        reporter());
    watching_ = std::make_unique<util::Worker>(
        "watch",
        tasks_.watched("unavailable", "Watches for servers that are away and other trouble, and tells administrators",
                       [this] {
                           if (!storage_->writable())
                               housekeeping_->wake();   // D9: a minute would be long
                           watch_->look();
                           return milliseconds(kWatchPause);
                       }),
        reporter());
}

service::RetentionPolicy Farm::retentionPolicy() const
{
    const auto now = live_.copy();
    service::RetentionPolicy policy;
    // Files always come through the farm; without a cache they stay only until clients have fetched them.
    policy.keep = now.cache.enabled ? std::chrono::days(now.cache.retentionDays) : std::chrono::days(1);
    policy.maxBytes = now.cache.maxSize;
    // The first file of a build may wait so long for its last.
    policy.untouched = now.follow.lostGiveUpAfter + kUnusedPayloadAge;
    return policy;
}

service::ArtifactRetention::Removed Farm::cleanCache()
{
    auto& task = tasks_.task("cache", "Removes kept files that are too old or too many");
    const auto removed = task.run([this] { return retention_->cleanUp(); });
    task.nextIn(live_.copy().cache.cleanupInterval);
    return removed;
}

std::optional<milliseconds> Farm::housekeep()
{
    if (!storage_->writable()) {
        logger_.critical("The database cannot be written any more; the farm ends, so that it can recover");
        fail_();
        return std::nullopt;
    }
    sessions_->storeRenewals();
    if (clock_.steady() >= nextTokenCleanup_.load())
        removeExpiredTokens();
    tasks_.task("payloads", "Removes uploads that no build needs").run([this] {
        const auto kept = std::chrono::hours(24) * live_.copy().limits.keepSourcesDays;
        payloads_->removeUnused(clock_.wall() - std::max(kUnusedPayloadAge, kept));
    });
    flow_->tidy();
    if (clock_.steady() >= nextWarning_) {
        bootstrap_->warnIfDefault();
        nextWarning_ = clock_.steady() + kBetweenWarnings;
    }
    return std::min<milliseconds>(kHousekeeping, live_.copy().auth.tokenCleanupInterval);
}

void Farm::removeExpiredTokens()
{
    auto& task = tasks_.task("tokens", "Removes expired sessions");
    task.run([this] { sessions_->removeExpired(); });
    const auto pause = live_.copy().auth.tokenCleanupInterval;
    nextTokenCleanup_ = clock_.steady() + pause;
    task.nextIn(pause);
}

} // namespace apbfarm::app

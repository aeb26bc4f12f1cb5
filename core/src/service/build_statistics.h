// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"
#include "util/worker.h"

#include <apbfarm/storage.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace apbfarm::service {

/// What became of some builds.
struct BuildCounts {
    std::int64_t submitted = 0, completed = 0, failed = 0, cancelled = 0;
    std::int64_t started = 0, ended = 0;       ///< how many the times below are of
    double waited = 0, built = 0;              ///< seconds, together

    void add(const TalliedBuilds& tally);
    /// Of those that were completed or failed; 0 to 100, empty without any.
    std::optional<int> successPercent() const;
    double averageWait() const { return started > 0 ? waited / static_cast<double>(started) : 0; }
    double averageBuild() const { return ended > 0 ? built / static_cast<double>(ended) : 0; }
};

/// Builds that were submitted within some days up to `at`.
struct BuildStatistics {
    Timestamp at{};
    int days = 0;
    std::int64_t firstDay = 0;                       ///< days since 1970, UTC
    std::map<std::int64_t, BuildCounts> byDay;       ///< days without builds are left out
    std::map<std::string, BuildCounts> byArchitecture;
    std::map<ServerId, BuildCounts> byServer;        ///< those that never had a server are left out
    std::map<UserId, BuildCounts> byUser;
    BuildCounts all;
};

/// Counts builds in the background, so that nobody waits for it twice. Thread-safe.
class StatisticsService {
public:
    StatisticsService(BuildStore& store, const util::Clock& clock, util::Worker::OnError onError);

    /// At most some minutes old. Reads the database only when nothing has been counted for so many days.
    std::shared_ptr<const BuildStatistics> of(int days);

private:
    using Known = std::map<int, std::shared_ptr<const BuildStatistics>>;

    std::shared_ptr<const BuildStatistics> count(int days);
    std::optional<std::chrono::milliseconds> refresh();

    BuildStore& store_;
    const util::Clock& clock_;
    util::Guarded<Known> known_;
    util::Worker worker_;            // last: its thread uses all else
};

} // namespace apbfarm::service

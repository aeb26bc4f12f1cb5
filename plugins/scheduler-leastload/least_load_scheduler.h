// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>
#include <apbfarm/scheduler.h>

#include <cstdint>
#include <map>

namespace leastload {

/// The smallest score wins: running builds, plus weighted waiting ones, plus penalties.
///
/// Equal scores go to the server that is fuller of free slots, then to the one chosen longest ago, then by the order
/// of the configuration.
class LeastLoadScheduler final : public apbfarm::Scheduler {
public:
    /// Throws `InvalidInput` for an option that is negative.
    explicit LeastLoadScheduler(const apbfarm::OptionView& options);

    apbfarm::Placement pick(const apbfarm::Build& build,
                            std::span<const apbfarm::ServerSnapshot> candidates) override;

private:
    struct Rank;

    Rank rankOf(const apbfarm::ServerSnapshot& server) const;

    double queueWeight_;
    double degradedPenalty_;
    double buildrootPenalty_;
    std::map<apbfarm::ServerId, std::uint64_t> lastTurn_;
    std::uint64_t turn_ = 0;
};

} // namespace leastload

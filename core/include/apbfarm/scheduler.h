// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <span>

namespace apbfarm {

/// Chooses where a build runs.
///
/// Called from the dispatcher thread only, never twice at once. Return quickly (well under a millisecond):
/// the queue waits meanwhile. Must not block, and must not keep references to its arguments.
class APB_FARM_VISIBLE Scheduler {
public:
    virtual ~Scheduler() = default;

    /// One of `candidates`, or `Placement::wait` to leave the build queued until the next round.
    ///
    /// Every candidate has a right architecture, may be given builds and has a free slot; there is at least one,
    /// in the order of the configuration. The span is valid during the call only. If it throws, or names a server
    /// that is not a candidate, the farm takes the candidate with the most free slots and administrators see the failure.
    virtual Placement pick(const Build& build, std::span<const ServerSnapshot> candidates) = 0;
};

} // namespace apbfarm

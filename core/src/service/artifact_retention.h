// SPDX-License-Identifier: MIT
#pragma once

#include "files/artifact_store.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/storage.h>

#include <chrono>
#include <cstdint>

namespace apbfarm::service {

struct RetentionPolicy {
    std::chrono::hours keep{};       ///< 0: for ever
    std::uint64_t maxBytes = 0;      ///< of all together; 0: no limit
    /// Files younger than this stay: a build may be about to refer to them, a client about to fetch them.
    std::chrono::milliseconds untouched = std::chrono::hours(1);
};

/// Removes files of ended builds when they are too old or too many, the oldest first. Thread-safe.
///
/// A row goes before its file: a kill in between leaves a file that nobody refers to, which the next run finds. Content
/// that another build shares stays.
class ArtifactRetention {
public:
    ArtifactRetention(ArtifactIndex& index, files::ArtifactStore& files, const util::Clock& clock,
                      RetentionPolicy policy)
        : index_(index), files_(files), clock_(clock), policy_(policy)
    {
    }

    struct Removed {
        std::int64_t files = 0;      ///< entries of builds
        std::uint64_t bytes = 0;     ///< freed on the disk
    };
    /// Takes as long as there is to remove; called in the background or by an administrator.
    Removed cleanUp();

    /// Counts from the next run on. Any thread.
    void configure(const RetentionPolicy& policy) { policy_.with([&](RetentionPolicy& now) { now = policy; }); }

    ArtifactTotals totals() const { return index_.totals(); }
    /// Those that the next run removes for their age.
    std::int64_t expired() const;

private:
    std::int64_t removeOld(const RetentionPolicy& policy);
    std::int64_t removeTooMany(const RetentionPolicy& policy);
    std::uint64_t sweep(const RetentionPolicy& policy);

    ArtifactIndex& index_;
    files::ArtifactStore& files_;
    const util::Clock& clock_;
    util::Guarded<RetentionPolicy> policy_;
};

} // namespace apbfarm::service

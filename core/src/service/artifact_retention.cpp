// SPDX-License-Identifier: MIT
#include "service/artifact_retention.h"

#include <algorithm>
#include <unordered_set>

namespace apbfarm::service {

namespace {

constexpr int kBatch = 500;   // rows in one transaction

} // namespace

ArtifactRetention::Removed ArtifactRetention::cleanUp()
{
    const auto policy = policy_.copy();
    Removed removed;
    removed.files = removeOld(policy) + removeTooMany(policy);
    removed.bytes = sweep(policy);
    return removed;
}

std::int64_t ArtifactRetention::expired() const
{
    const auto policy = policy_.copy();
    return policy.keep.count() > 0 ? index_.countStoredBefore(clock_.wall() - policy.keep) : 0;
}

std::int64_t ArtifactRetention::removeOld(const RetentionPolicy& policy)
{
    std::int64_t removed = 0;
    while (policy.keep.count() > 0) {
        const auto gone = index_.remove(index_.oldest(clock_.wall() - policy.keep, kBatch));
        removed += gone;
        if (gone < kBatch)
            break;
    }
    return removed;
}

std::int64_t ArtifactRetention::removeTooMany(const RetentionPolicy& policy)
{
    std::int64_t removed = 0;
    while (policy.maxBytes > 0) {
        auto excess = index_.totals().bytes - static_cast<std::int64_t>(policy.maxBytes);
        if (excess <= 0)
            break;
        auto oldest = index_.oldest(clock_.wall() - policy.untouched, kBatch);
        // No more than it takes. Shared content frees less than it says, so the sum is looked at again.
        const auto enough = std::ranges::find_if(oldest, [&](const Artifact& file) { return (excess -= file.size) <= 0; });
        if (enough != oldest.end())
            oldest.erase(enough + 1, oldest.end());
        const auto gone = index_.remove(oldest);
        removed += gone;
        if (gone == 0)
            break;
    }
    return removed;
}

std::uint64_t ArtifactRetention::sweep(const RetentionPolicy& policy)
{
    const auto before = clock_.wall() - policy.untouched;
    const auto stored = files_.listOlderThan(before);
    std::uint64_t freed = 0;
    for (std::size_t at = 0; at < stored.size(); at += kBatch) {
        const auto end = std::min(stored.size(), at + kBatch);
        const std::vector<std::string> some(stored.begin() + static_cast<std::ptrdiff_t>(at),
                                            stored.begin() + static_cast<std::ptrdiff_t>(end));
        const auto used = index_.inUse(some);
        const std::unordered_set<std::string> kept(used.begin(), used.end());
        for (const auto& digest : some)
            if (!kept.contains(digest))
                freed += files_.removeIfOlderThan(digest, before);
    }
    return freed;
}

} // namespace apbfarm::service

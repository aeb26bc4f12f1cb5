// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table artifacts, seen as a whole.
class SqlArtifactIndex final : public ArtifactIndex {
public:
    SqlArtifactIndex(GroupCommit& writer, ReadPool& readers);

    ArtifactTotals totals() override;
    std::int64_t countStoredBefore(Timestamp time) override;
    std::vector<Artifact> oldest(Timestamp storedBefore, int limit) override;
    std::int64_t remove(const std::vector<Artifact>& artifacts) override;
    std::vector<std::string> inUse(const std::vector<std::string>& digests) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage

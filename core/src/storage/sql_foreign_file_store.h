// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"
#include "util/clock.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// See ForeignFileStore::list.
std::vector<ForeignFile> listForeignFiles(Connection& connection);

/// Table cached_artifacts, which an existing farm fills.
class SqlForeignFileStore final : public ForeignFileStore {
public:
    SqlForeignFileStore(GroupCommit& writer, ReadPool& readers, const util::Clock& clock)
        : writer_(writer), readers_(readers), clock_(clock)
    {
    }

    std::vector<ForeignFile> list() override;
    void adopt(const ForeignFile& file, const Artifact& artifact) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
    const util::Clock& clock_;
};

} // namespace apbfarm::storage

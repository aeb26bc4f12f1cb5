// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table custom_repositories.
class SqlRepositoryStore final : public RepositoryStore {
public:
    SqlRepositoryStore(GroupCommit& writer, ReadPool& readers);

    std::vector<CustomRepository> list() override;
    std::optional<CustomRepository> find(std::int64_t id) override;
    CustomRepository create(const CustomRepository& repository) override;
    void update(const CustomRepository& repository) override;
    bool remove(std::int64_t id) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table outbox: a row waits until it is delivered (and removed) or given up (and kept).
class SqlOutboxStore final : public OutboxStore {
public:
    SqlOutboxStore(GroupCommit& writer, ReadPool& readers);

    void add(const Notification& notification) override;
    std::vector<Notification> due(Timestamp now, int limit) override;
    void delivered(const std::string& id) override;
    void retryAt(const std::string& id, Timestamp when, int attempts, const std::string& error) override;
    void giveUp(const std::string& id, const std::string& error) override;
    OutboxSize size() override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage

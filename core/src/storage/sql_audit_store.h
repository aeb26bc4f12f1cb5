// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table audit_events.
class SqlAuditStore final : public AuditStore {
public:
    SqlAuditStore(GroupCommit& writer, ReadPool& readers);

    void append(const AuditEvent& event) override;
    std::vector<AuditEvent> list(const AuditQuery& query) override;
    std::int64_t count(const AuditQuery& query) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#include "storage/sql_audit_store.h"

#include <algorithm>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kAppend = R"sql(
    INSERT INTO audit_events (at, actor, action, target, address, result, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql";

constexpr std::string_view kList = R"sql(
    SELECT at, actor, action, target, address, result, request_id FROM audit_events
    ORDER BY id DESC LIMIT $1 OFFSET $2)sql";

} // namespace sql

SqlAuditStore::SqlAuditStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

void SqlAuditStore::append(const AuditEvent& event)
{
    writer_.run([&](Connection& connection) {
        connection.execute(sql::kAppend, event.at, event.actor, event.action, event.target, event.address, event.result,
                           event.requestId);
    });
}

std::vector<AuditEvent> SqlAuditStore::list(int limit, int offset)
{
    return readers_.with([&](Connection& connection) {
        std::vector<AuditEvent> events;
        for (auto rows = connection.select(sql::kList, std::max(limit, 0), std::max(offset, 0)); rows.next();)
            events.push_back({.at = rows->time(0).value_or(Timestamp{}),
                              .actor = rows->string(1),
                              .action = rows->string(2),
                              .target = rows->string(3),
                              .address = rows->string(4),
                              .result = rows->string(5),
                              .requestId = rows->string(6)});
        return events;
    });
}

} // namespace apbfarm::storage

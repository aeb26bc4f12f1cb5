// SPDX-License-Identifier: MIT
#include "storage/sql_audit_store.h"

#include <algorithm>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kAppend = R"sql(
    INSERT INTO audit_events (at, actor, action, target, address, result, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql";

const std::string kMatching = R"sql( FROM audit_events
    WHERE ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2)
    AND ($3 IS NULL OR at >= $3) AND ($4 IS NULL OR at < $4) AND id > $5)sql";

const std::string kCount = "SELECT COUNT(*)" + kMatching;
const std::string kColumns = "SELECT at, actor, action, target, address, result, request_id, id" + kMatching;
const std::string kNewestFirst = kColumns + " ORDER BY id DESC LIMIT $6 OFFSET $7";
const std::string kOldestFirst = kColumns + " ORDER BY id LIMIT $6 OFFSET $7";

} // namespace sql

SqlAuditStore::SqlAuditStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

void SqlAuditStore::append(const AuditEvent& event)
{
    writer_.run([&](Connection& connection) {
        connection.execute(sql::kAppend, event.at, event.actor, event.action, event.target, event.address, event.result,
                           event.requestId);
    });
}

std::vector<AuditEvent> SqlAuditStore::list(const AuditQuery& query)
{
    return readers_.with([&](Connection& connection) {
        std::vector<AuditEvent> events;
        for (auto rows = connection.select(query.oldestFirst ? sql::kOldestFirst : sql::kNewestFirst, query.actor,
                                           query.action, query.from, query.to, query.afterId, std::max(query.limit, 0),
                                           std::max(query.offset, 0));
             rows.next();)
            events.push_back({.at = rows->time(0).value_or(Timestamp{}),
                              .actor = rows->string(1),
                              .action = rows->string(2),
                              .target = rows->string(3),
                              .address = rows->string(4),
                              .result = rows->string(5),
                              .requestId = rows->string(6),
                              .id = rows->integer(7)});
        return events;
    });
}

std::int64_t SqlAuditStore::count(const AuditQuery& query)
{
    return readers_.with([&](Connection& connection) {
        auto rows = connection.select(sql::kCount, query.actor, query.action, query.from, query.to, query.afterId);
        rows.next();
        return rows->integer(0);
    });
}

} // namespace apbfarm::storage

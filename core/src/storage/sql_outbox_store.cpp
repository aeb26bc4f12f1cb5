// SPDX-License-Identifier: MIT
#include "storage/sql_outbox_store.h"

#include "storage/outbox_row.h"

#include <algorithm>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kDue = R"sql(
    SELECT id, kind, recipient_name, recipient_email, subject, body, facts, created_at, attempts FROM outbox
    WHERE given_up = 0 AND due_at <= $1 ORDER BY created_at, id LIMIT $2)sql";

constexpr std::string_view kDelivered = "DELETE FROM outbox WHERE id = $1";
constexpr std::string_view kRetryAt = "UPDATE outbox SET due_at = $1, attempts = $2, last_error = $3 WHERE id = $4";
constexpr std::string_view kGiveUp = "UPDATE outbox SET given_up = 1, last_error = $1 WHERE id = $2";

constexpr std::string_view kSize = "SELECT COUNT(*) - COALESCE(SUM(given_up), 0), COALESCE(SUM(given_up), 0) FROM outbox";

} // namespace sql

SqlOutboxStore::SqlOutboxStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

void SqlOutboxStore::add(const Notification& notification)
{
    writer_.run([&](Connection& connection) { insertNotification(connection, notification); });
}

std::vector<Notification> SqlOutboxStore::due(Timestamp now, int limit)
{
    return readers_.with([&](Connection& connection) {
        std::vector<Notification> notifications;
        for (auto rows = connection.select(sql::kDue, now, std::max(limit, 0)); rows.next();)
            notifications.push_back(readNotification(rows.row()));
        return notifications;
    });
}

void SqlOutboxStore::delivered(const std::string& id)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kDelivered, id); });
}

void SqlOutboxStore::retryAt(const std::string& id, Timestamp when, int attempts, const std::string& error)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kRetryAt, when, attempts, error, id); });
}

void SqlOutboxStore::giveUp(const std::string& id, const std::string& error)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kGiveUp, error, id); });
}

OutboxSize SqlOutboxStore::size()
{
    return readers_.with([&](Connection& connection) {
        auto rows = connection.select(sql::kSize);
        return rows.next() ? OutboxSize{rows->integer(0), rows->integer(1)} : OutboxSize{};
    });
}

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#include "storage/foreign_farm.h"

#include "storage/migrations.h"
#include "storage/sqlite_connection.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <set>
#include <vector>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kTables = R"sql(
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name)sql";
constexpr std::string_view kColumns = R"sql(
    SELECT name, type, "notnull", dflt_value FROM pragma_table_info($1))sql";

/// What every release of an existing farm has had since its first day.
constexpr std::string_view kBuildsKeptByAFarm = R"sql(
    SELECT count(*) FROM pragma_table_info('builds') WHERE name IN ('id', 'pkgname', 'status', 'created_at'))sql";

constexpr std::string_view kAnyForeign = R"sql(
    SELECT 1 FROM builds WHERE state IS NULL UNION ALL SELECT 1 FROM tokens
    WHERE user_id NOT IN (SELECT id FROM users) LIMIT 1)sql";

constexpr std::string_view kLastSequence = "SELECT coalesce(max(sequence), 0) FROM builds";

constexpr std::string_view kRepairs[] = {
    "DELETE FROM tokens WHERE user_id NOT IN (SELECT id FROM users)",
    R"sql(UPDATE builds SET user_id = NULL
        WHERE state IS NULL AND user_id IS NOT NULL AND user_id NOT IN (SELECT id FROM users))sql",
    R"sql(UPDATE builds SET created_at = coalesce(start_time, last_status_update, end_time, 0)
        WHERE state IS NULL AND created_at IS NULL)sql",
    "UPDATE builds SET server_url = NULL WHERE state IS NULL AND server_url = ''",
};

/// The one that touches every row. What a server already has goes on, whether it waits there or runs.
constexpr std::string_view kAdopt = R"sql(
    UPDATE builds SET sequence = rowid + $1, state = CASE
        WHEN status IN ('completed', 'failed', 'cancelled') THEN status
        WHEN status IN ('queued', 'building') AND server_url IS NOT NULL THEN 'building'
        ELSE 'failed' END
    WHERE state IS NULL)sql";

constexpr std::string_view kExplainLost = R"sql(
    UPDATE builds SET status = 'failed', last_known_status = 'failed', end_time = coalesce(end_time, $1),
        reason = 'It waited in a farm that kept the uploaded package in memory only; please submit it again.'
    WHERE sequence > $2 AND state = 'failed' AND status IN ('queued', 'building'))sql";

constexpr std::string_view kExplainUnknown = R"sql(
    UPDATE builds SET status = 'failed', end_time = coalesce(end_time, $1),
        reason = 'Its status was ' || quote(status) || ' in the farm it comes from.'
    WHERE sequence > $2 AND state = 'failed' AND status IS DISTINCT FROM 'failed')sql";

constexpr std::string_view kKeepRunning =
    "UPDATE builds SET status = 'building', attempt = 1 WHERE sequence > $1 AND state = 'building'";

/// A server's word counts only for builds that were given to it, so the ones that run need an attempt on record.
constexpr std::string_view kAttempts = R"sql(
    INSERT INTO build_attempts (build_id, number, server_url, started_at)
    SELECT id, 1, server_url, coalesce(start_time, created_at) FROM builds
    WHERE sequence > $1 AND state = 'building')sql";

/// A farm that went back to the other program for a while: what ended there has ended.
constexpr std::string_view kEndedElsewhere = R"sql(
    UPDATE builds SET state = status, revision = revision + 1
    WHERE state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling')
    AND +status IN ('completed', 'failed', 'cancelled'))sql";   // '+': by the small index, not by this one

} // namespace sql

namespace {

struct TimeColumn {
    std::string_view select, update;
};

#define APB_FARM_TIME_COLUMN_(name)                                                                                 \
    {"SELECT rowid, " name " FROM builds WHERE state IS NULL AND typeof(" name ") = 'text'",                        \
     "UPDATE builds SET " name " = $1 WHERE rowid = $2"}

constexpr TimeColumn kTimeColumns[] = {
    APB_FARM_TIME_COLUMN_("created_at"),       APB_FARM_TIME_COLUMN_("start_time"),
    APB_FARM_TIME_COLUMN_("end_time"),         APB_FARM_TIME_COLUMN_("last_status_update"),
    APB_FARM_TIME_COLUMN_("first_missing_at"),
};

/// Text in a number column sorts behind all numbers, so it would spoil every list by time.
void makeTimesNumbers(Connection& connection)
{
    for (const auto& column : kTimeColumns) {
        std::vector<std::pair<std::int64_t, std::optional<Timestamp>>> times;
        for (auto rows = connection.select(column.select); rows.next();)
            times.emplace_back(rows->integer(0), rows->time(1));
        for (const auto& [row, time] : times)
            connection.execute(column.update, time, row);
    }
}

std::vector<std::string> tablesOf(Connection& connection)
{
    std::vector<std::string> names;
    for (auto rows = connection.select(sql::kTables); rows.next();)
        names.push_back(rows->string(0));
    return names;
}

std::set<std::string> columnsOf(Connection& connection, const std::string& table)
{
    std::set<std::string> names;
    for (auto rows = connection.select(sql::kColumns, table); rows.next();)
        names.insert(rows->string(0));
    return names;
}

/// Names, types and defaults come from the program's own schema.
void addMissingColumns(Connection& wanted, Connection& connection, const std::string& table)
{
    const auto present = columnsOf(connection, table);
    for (auto column = wanted.select(sql::kColumns, table); column.next();) {
        if (present.contains(column->string(0)))
            continue;
        auto definition = column->string(0) + " " + column->string(1);
        if (!column->isNull(3))
            definition += " DEFAULT " + column->string(3);
        connection.script("ALTER TABLE " + table + " ADD COLUMN " + definition);
    }
}

} // namespace

void refuseUnusable(Connection& connection, const std::string& name)
{
    auto check = connection.select("PRAGMA quick_check(1)");
    if (!check.next() || check->text(0) != "ok")
        throw Unavailable("The database " + name + " is damaged: " + util::oneLine(check->text(0), 200) +
                              ". Nothing was changed. Put a backup in its place, or what 'sqlite3 " + name +
                              " .recover' saves.",
                          "storage_damaged");
    auto builds = connection.select(sql::kBuildsKeptByAFarm);
    builds.next();
    if (builds->integer(0) < 4 && !tablesOf(connection).empty())
        throw Unavailable("The database " + name + " belongs to another program: it has tables, but not the builds of a "
                          "farm. Nothing was changed.", "not_a_farm");
}

void completeForeignTables(Connection& connection, const Migration& first)
{
    SqliteConnection wanted(SqliteConnection::kMemory, SqliteConnection::Use::Write);
    wanted.script(std::string(first.script));
    const auto present = tablesOf(connection);
    const std::set<std::string> known(present.begin(), present.end());
    for (const auto& table : tablesOf(wanted))
        if (known.contains(table))
            addMissingColumns(wanted, connection, table);
}

void adoptForeignRows(Connection& connection, Timestamp now)
{
    connection.execute(sql::kEndedElsewhere);
    if (!connection.select(sql::kAnyForeign).next())
        return;
    makeTimesNumbers(connection);
    std::int64_t before = 0;
    if (auto last = connection.select(sql::kLastSequence); last.next())
        before = last->integer(0);
    for (const auto& repair : sql::kRepairs)
        connection.execute(repair);
    connection.execute(sql::kAdopt, before);
    connection.execute(sql::kExplainLost, now, before);
    connection.execute(sql::kExplainUnknown, now, before);
    connection.execute(sql::kKeepRunning, before);
    connection.execute(sql::kAttempts, before);
}

} // namespace apbfarm::storage

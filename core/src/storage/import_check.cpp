// SPDX-License-Identifier: MIT
#include "storage/import_check.h"

#include "storage/foreign_farm.h"
#include "storage/migrator.h"
#include "storage/sql_foreign_file_store.h"
#include "storage/sqlite_snapshot.h"

#include <apbfarm/errors.h>

#include <functional>
#include <map>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kUsers = "SELECT count(*) FROM users";
constexpr std::string_view kAdministrators = "SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1";
constexpr std::string_view kDeactivated = "SELECT count(*) FROM users WHERE is_active IS DISTINCT FROM 1";
constexpr std::string_view kWithoutMails = "SELECT count(*) FROM users WHERE email_notifications_enabled = 0";
constexpr std::string_view kUnknownRoles =
    "SELECT count(*) FROM users WHERE role NOT IN ('guest', 'user', 'admin')";

constexpr std::string_view kTokens = "SELECT count(*) FROM tokens";
constexpr std::string_view kLiveTokens = R"sql(
    SELECT count(*) FROM tokens JOIN users ON users.id = user_id
    WHERE tokens.is_active = 1 AND users.is_active = 1 AND expires_at >= $1)sql";
constexpr std::string_view kTokensOfNobody =
    "SELECT count(*) FROM tokens WHERE user_id NOT IN (SELECT id FROM users)";

constexpr std::string_view kBuilds = "SELECT count(*) FROM builds";
constexpr std::string_view kBuildsOfState = "SELECT count(*) FROM builds WHERE state = $1";
constexpr std::string_view kLiveBuilds =
    "SELECT count(*) FROM builds WHERE state NOT IN ('completed', 'failed', 'cancelled')";
constexpr std::string_view kEndedBuilds =
    "SELECT id FROM builds WHERE state IN ('completed', 'failed', 'cancelled')";
constexpr std::string_view kBuildsOfNobody = R"sql(
    SELECT count(*) FROM builds WHERE user_id IS NOT NULL AND user_id NOT IN (SELECT id FROM users))sql";

// A column that a release did not have yet counts as empty: these are asked once the missing ones were added.
constexpr std::string_view kDeadQueueRows = R"sql(
    SELECT count(*) FROM builds WHERE state IS NULL AND status IN ('queued', 'building')
    AND coalesce(server_url, '') = '')sql";
constexpr std::string_view kUnknownStatuses = R"sql(
    SELECT count(*) FROM builds WHERE state IS NULL
    AND coalesce(status, '') NOT IN ('queued', 'building', 'completed', 'failed', 'cancelled'))sql";
constexpr std::string_view kTimesInText = R"sql(
    SELECT coalesce(sum((typeof(created_at) = 'text') + (typeof(start_time) = 'text') + (typeof(end_time) = 'text') +
        (typeof(last_status_update) = 'text') + (typeof(first_missing_at) = 'text')), 0)
    FROM builds WHERE state IS NULL)sql";

constexpr std::string_view kPlainPasswords =
    "SELECT count(*) FROM smtp_config WHERE password <> '' AND password NOT LIKE 'sealed:%'";
constexpr std::string_view kRepositories = "SELECT count(*) FROM custom_repositories";
constexpr std::string_view kHasTable = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1";
constexpr std::string_view kAllColumns = R"sql(
    SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid)sql";

} // namespace sql

namespace {

template <class... Args> std::int64_t count(Connection& connection, std::string_view statement, const Args&... args)
{
    auto rows = connection.select(statement, args...);
    return rows.next() ? rows->integer(0) : 0;
}

using Columns = std::map<std::string, std::set<std::string>>;

Columns columnsOf(Connection& connection)
{
    Columns columns;
    for (auto rows = connection.select(sql::kAllColumns); rows.next();)
        columns[rows->string(0)].insert(rows->string(1));
    return columns;
}

class Examination {
public:
    Examination(SqliteConnection& copy, Timestamp now) : copy_(copy), now_(now) {}

    /// Counts what another farm left, between completing its tables and adopting its rows.
    void lookBefore()
    {
        report.queueRowsClosed += count(copy_, sql::kDeadQueueRows);
        report.timesInText += count(copy_, sql::kTimesInText);
        complain(count(copy_, sql::kUnknownStatuses), "with a status that no farm knows would end as failed", "build");
        complain(count(copy_, sql::kBuildsOfNobody), "of accounts that do not exist would belong to nobody", "build");
        complain(count(copy_, sql::kTokensOfNobody), "of accounts that do not exist would be removed", "session");
    }

    void lookAfter()
    {
        report.users = count(copy_, sql::kUsers);
        report.administrators = count(copy_, sql::kAdministrators);
        report.deactivated = count(copy_, sql::kDeactivated);
        report.withoutMails = count(copy_, sql::kWithoutMails);
        report.tokens = count(copy_, sql::kTokens);
        report.liveTokens = count(copy_, sql::kLiveTokens, now_);
        report.plainPasswords = count(copy_, sql::kPlainPasswords);
        if (copy_.select(sql::kHasTable, "custom_repositories").next())
            report.repositories = count(copy_, sql::kRepositories);
        complain(count(copy_, sql::kUnknownRoles), "with a role that no farm knows would count as guests", "account");
        if (report.users > 0 && report.administrators == 0)
            report.problems.push_back("No account of an administrator is active: nobody could administer the farm.");
        lookAtBuilds();
    }

    void lookForUnknown(Connection& fresh)
    {
        const auto known = columnsOf(fresh);
        for (const auto& [table, columns] : columnsOf(copy_)) {
            const auto place = known.find(table);
            if (place == known.end() && table != "custom_repositories")
                report.unknown.push_back("table " + table);
            else if (place != known.end())
                for (const auto& column : columns)
                    if (!place->second.contains(column))
                        report.unknown.push_back("column " + table + "." + column);
        }
    }

    ImportReport report;

private:
    void lookAtBuilds()
    {
        report.builds = count(copy_, sql::kBuilds);
        report.completed = count(copy_, sql::kBuildsOfState, "completed");
        report.failed = count(copy_, sql::kBuildsOfState, "failed");
        report.cancelled = count(copy_, sql::kBuildsOfState, "cancelled");
        report.goingOn = count(copy_, sql::kLiveBuilds);
        for (auto rows = copy_.select(sql::kEndedBuilds); rows.next();)
            report.ended.insert(rows->string(0));
        report.files = listForeignFiles(copy_);
    }

    void complain(std::int64_t number, const std::string& what, const std::string& noun)
    {
        if (number > 0)
            report.problems.push_back(std::to_string(number) + " " + noun + (number == 1 ? " " : "s ") + what + ".");
    }

    SqliteConnection& copy_;
    Timestamp now_;
};

void migrate(SqliteConnection& connection, Timestamp now, const std::function<void()>& beforeRows)
{
    const auto prepare = [](Connection& c) { completeForeignTables(c, sqliteMigrations().front()); };
    const auto adopt = [&](Connection& c) {
        beforeRows();
        adoptForeignRows(c, now);
    };
    Migrator(connection, sqliteMigrations(), {[](int) {}, prepare, adopt, [](const std::string&) {}}).run(now);
}

ImportReport examine(SqliteConnection& copy, const std::filesystem::path& file, Timestamp now)
{
    Examination examination(copy, now);
    const int schema = schemaVersion(copy, kCoreModule);
    if (schema < sqliteMigrations().back().version)
        refuseUnusable(copy, file.string());
    migrate(copy, now, [&] { examination.lookBefore(); });
    examination.lookAfter();
    SqliteConnection fresh(SqliteConnection::kMemory, SqliteConnection::Use::Write);
    migrate(fresh, now, [] {});
    examination.lookForUnknown(fresh);
    examination.report.schema = schema;
    examination.report.newSchema = sqliteMigrations().back().version;
    return std::move(examination.report);
}

} // namespace

ImportReport checkImport(const std::filesystem::path& file, Timestamp now)
{
    SqliteConnection copy(SqliteConnection::kMemory, SqliteConnection::Use::Write);
    try {
        const bool present = std::filesystem::exists(file);
        if (present)
            takeSnapshot(file, copy);
        auto report = examine(copy, file, now);
        report.present = present;
        report.bytes = present ? std::filesystem::file_size(file) : 0;
        return report;
    } catch (const SqlFailure& failure) {
        throw Unavailable("Cannot use the database " + file.string() + ": " + failure.what(), "storage_failed");
    }
}

} // namespace apbfarm::storage

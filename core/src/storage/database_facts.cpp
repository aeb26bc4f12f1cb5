// SPDX-License-Identifier: MIT
#include "storage/database_facts.h"

#include "storage/migrator.h"
#include "storage/sqlite_snapshot.h"

#include <apbfarm/errors.h>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kQuickCheck = "PRAGMA quick_check(20)";
constexpr std::string_view kForeignKeys = "SELECT count(*) FROM pragma_foreign_key_check";
constexpr std::string_view kUploads = R"sql(
    SELECT id, payload FROM builds
    WHERE state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling')
    AND payload <> '' AND payload NOT IN (SELECT digest FROM payloads))sql";
constexpr std::string_view kArtifacts = "SELECT build_id, filename, sha256, size FROM artifacts";
constexpr std::string_view kPayloads = "SELECT DISTINCT payload FROM builds WHERE payload <> ''";
constexpr std::string_view kBuilds = "SELECT id FROM builds";
constexpr std::string_view kNewest = "SELECT max(created_at) FROM builds";

} // namespace sql

namespace {

void readFiles(Connection& connection, DatabaseFacts& facts)
{
    for (auto rows = connection.select(sql::kUploads); rows.next();)
        facts.uploads.push_back({rows->string(0), "", rows->string(1), -1});
    for (auto rows = connection.select(sql::kArtifacts); rows.next();) {
        facts.artifacts.push_back({rows->string(0), rows->string(1), rows->string(2), rows->integer(3)});
        facts.digests.insert(facts.artifacts.back().digest);
    }
    for (auto rows = connection.select(sql::kPayloads); rows.next();)
        facts.digests.insert(rows->string(0));
    for (auto rows = connection.select(sql::kBuilds); rows.next();)
        facts.builds.insert(rows->string(0));
    if (auto rows = connection.select(sql::kNewest); rows.next())
        facts.newest = rows->time(0);
}

DatabaseFacts factsOf(Connection& connection)
{
    DatabaseFacts facts;
    for (auto rows = connection.select(sql::kQuickCheck); rows.next();)
        if (rows->text(0) != "ok")
            facts.faults.push_back(rows->string(0));
    facts.knownSchema = sqliteMigrations().back().version;
    if (!facts.faults.empty())
        return facts;
    facts.schema = schemaVersion(connection, kCoreModule);
    if (auto rows = connection.select(sql::kForeignKeys); rows.next())
        facts.foreignKeyFaults = rows->integer(0);
    if (facts.schema == facts.knownSchema)
        readFiles(connection, facts);
    return facts;
}

} // namespace

DatabaseFacts readDatabaseFacts(const std::filesystem::path& file)
{
    try {
        SqliteConnection copy(SqliteConnection::kMemory, SqliteConnection::Use::Write);
        takeSnapshot(file, copy);
        return factsOf(copy);
    } catch (const SqlFailure& failure) {
        throw Unavailable("Cannot use the database " + file.string() + ": " + failure.what(), "storage_failed");
    }
}

} // namespace apbfarm::storage

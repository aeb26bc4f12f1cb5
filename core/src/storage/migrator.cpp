// SPDX-License-Identifier: MIT
#include "storage/migrator.h"

#include <apbfarm/errors.h>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kCreateVersions = R"sql(
    CREATE TABLE IF NOT EXISTS schema_versions (
        module TEXT NOT NULL,
        version INTEGER NOT NULL,
        applied_at REAL NOT NULL,
        PRIMARY KEY (module, version)))sql";

constexpr std::string_view kKnowsVersions =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'";
constexpr std::string_view kHasTables = "SELECT 1 FROM sqlite_master WHERE type = 'table' LIMIT 1";
constexpr std::string_view kVersion = "SELECT max(version) FROM schema_versions WHERE module = $1";
constexpr std::string_view kRecord = "INSERT INTO schema_versions (module, version, applied_at) VALUES ($1, $2, $3)";

} // namespace sql

int schemaVersion(Connection& connection, std::string_view module)
{
    if (!connection.select(sql::kKnowsVersions).next())
        return 0;
    auto version = connection.select(sql::kVersion, module);
    version.next();
    return static_cast<int>(version->integer(0));
}

void recordVersion(Connection& connection, std::string_view module, int version, Timestamp at)
{
    connection.execute(sql::kRecord, module, version, at);
}

Migrator::Migrator(Connection& connection, std::span<const Migration> migrations, MigrationSteps steps)
    : connection_(connection), migrations_(migrations), steps_(std::move(steps))
{
}

bool Migrator::hasTables()
{
    return connection_.select(sql::kHasTables).next();
}

void Migrator::refuseNewer(int version) const
{
    const int known = migrations_.back().version;
    if (version > known)
        throw Unavailable("The database has schema " + std::to_string(version) + ", this farm knows schemas up to " +
                              std::to_string(known) + ". Start the newer farm that wrote it, or restore a backup.",
                          "schema_too_new");
}

void Migrator::run(Timestamp now)
{
    const int version = schemaVersion(connection_, kCoreModule);
    refuseNewer(version);
    if (version < migrations_.back().version && hasTables())
        steps_.backUp(version);
    connection_.begin();
    try {
        apply(version, now);
        steps_.adoptForeignRows(connection_);
        steps_.progress("looked for rows of other programs");
        connection_.commit();
    } catch (...) {
        connection_.rollback();
        throw;
    }
}

void Migrator::apply(int version, Timestamp now)
{
    const bool foreign = version == 0 && hasTables();
    if (foreign) {
        steps_.prepareForeignTables(connection_);
        steps_.progress("completed the tables of an existing farm");
    }
    connection_.execute(sql::kCreateVersions);
    for (const Migration& migration : migrations_) {
        if (migration.version <= version)
            continue;
        connection_.script(std::string(migration.script));
        recordVersion(connection_, kCoreModule, migration.version, now);
        if (foreign && migration.version == 1)
            steps_.adoptForeignRows(connection_);
        steps_.progress("applied schema " + std::to_string(migration.version));
    }
}

} // namespace apbfarm::storage

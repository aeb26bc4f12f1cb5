// SPDX-License-Identifier: MIT
#pragma once

#include "storage/migrations.h"
#include "storage/sql_connection.h"

#include <functional>
#include <string>

namespace apbfarm::storage {

/// Under this name the farm's own schema stands in `schema_versions`; modules stand there under theirs.
inline constexpr std::string_view kCoreModule = "core";

/// The last applied migration; 0 when there is none or the database knows no versions.
int schemaVersion(Connection& connection, std::string_view module);
void recordVersion(Connection& connection, std::string_view module, int version, Timestamp at);

/// What is particular to an engine about bringing a database up to date.
struct MigrationSteps {
    /// Before the first change to a database that holds something; gets the version it has.
    std::function<void(int version)> backUp;
    /// Before migration 1 runs over tables that another program made, inside the transaction.
    std::function<void(Connection&)> prepareForeignTables;
    /// At every start, inside the transaction: rows that another program wrote. Over tables that another program made
    /// it is called once more, between the first two migrations.
    std::function<void(Connection&)> adoptForeignRows;
    /// What has just been done, in words for the log.
    std::function<void(const std::string&)> progress;
};

/// Brings a database to the newest schema: all in one transaction, so that a kill at any moment leaves the old schema
/// or the new one (D11). Throws `Unavailable` when the schema is newer than this program, before anything is changed.
class Migrator {
public:
    Migrator(Connection& connection, std::span<const Migration> migrations, MigrationSteps steps);

    void run(Timestamp now);

private:
    void refuseNewer(int version) const;
    void apply(int version, Timestamp now);
    bool hasTables();

    Connection& connection_;
    std::span<const Migration> migrations_;
    MigrationSteps steps_;
};

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sqlite_storage.h"
#include "support/manual_clock.h"
#include "support/old_farm.h"
#include "support/temp_dir.h"

#include <memory>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A folder with the database of an existing farm, opened by this one.
struct ForeignFarmFixture {
    TempDir folder;
    ManualClock clock;
    std::filesystem::path file = folder / "farm.db";

    std::unique_ptr<Storage> open() { return storage::openSqlite({.file = file, .clock = &clock}); }
    OldFarm old() { return OldFarm(file); }
    std::string ask(const std::filesystem::path& database, const std::string& sql)
    {
        storage::SqliteConnection connection(database, storage::SqliteConnection::Use::Write);
        auto rows = connection.select(sql);
        return rows.next() ? rows->asText(0).value_or("NULL") : "nothing";
    }
    std::string ask(const std::string& sql) { return ask(file, sql); }
    std::vector<std::filesystem::path> backups()
    {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            if (entry.path().extension() == ".backup")
                found.push_back(entry.path());
        return found;
    }
};

inline constexpr auto kAlice = "INSERT INTO users (username, password_hash, role, created_at) "
                               "VALUES ('alice', 'salt:hash', 'admin', 1700000000.5);";

} // namespace apbfarm::test

// SPDX-License-Identifier: MIT
#include "unit/storage/foreign_farm_fixture.h"

#include "support/child_process.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using apbfarm::test::OldFarm;
using apbfarm::test::kAlice;
using Fixture = apbfarm::test::ForeignFarmFixture;

BOOST_AUTO_TEST_SUITE(ForeignFarmSafety)

BOOST_FIXTURE_TEST_CASE(d11_a_copy_of_the_old_database_is_made_first, Fixture)
{
    old().lastRelease().sql("INSERT INTO builds (id, pkgname, status, created_at) VALUES ('b1', 'a', 'queued', 1)");
    open();
    BOOST_REQUIRE(backups().size() == 1);
    BOOST_TEST(ask(backups()[0], "SELECT status FROM builds") == "queued");
    BOOST_TEST(ask(backups()[0], "SELECT count(*) FROM pragma_table_info('builds') WHERE name = 'state'") == "0");
    open();
    BOOST_TEST(backups().size() == 1);   // nothing to migrate, nothing to copy
}

BOOST_FIXTURE_TEST_CASE(d11_killed_at_any_step_the_schema_is_the_old_or_the_new_one, Fixture)
{
    old().lastRelease().sql("INSERT INTO builds (id, pkgname, status, created_at) VALUES ('b1', 'a', 'queued', 1)");
    std::vector<std::filesystem::path> killed;
    const auto photograph = [&](const std::string&) {   // what a kill at this moment would leave on the disk
        const auto place = folder / ("killed" + std::to_string(killed.size()));
        std::filesystem::create_directory(place);
        for (const auto* ending : {"", "-journal", "-wal"})
            if (std::filesystem::exists(file.string() + ending))
                std::filesystem::copy_file(file.string() + ending, place / ("farm.db" + std::string(ending)));
        killed.push_back(place / "farm.db");
    };
    storage::openSqlite({.file = file, .clock = &clock, .progress = photograph});
    BOOST_TEST(killed.size() >= 4);
    for (const auto& remains : killed) {
        BOOST_TEST(ask(remains, "SELECT count(*) FROM pragma_table_info('builds')") == "20");
        BOOST_TEST(ask(remains, "SELECT status FROM builds") == "queued");
        BOOST_TEST((storage::openSqlite({.file = remains, .clock = &clock})->builds().find("b1")->state ==
                    BuildState::Failed));
    }
}

BOOST_FIXTURE_TEST_CASE(d11_what_cannot_be_taken_over_is_refused_and_not_touched, Fixture)
{
    const auto refused = [&](const std::string& bytes, const std::string& code, const std::string& words) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
        std::filesystem::permissions(file, std::filesystem::perms(0644));
        BOOST_CHECK_EXCEPTION(open(), Unavailable, [&](const Unavailable& error) {
            BOOST_TEST(std::string(error.what()).find(words) != std::string::npos, error.what());
            BOOST_TEST(std::string(error.what()).find(file.string()) != std::string::npos, error.what());
            return error.code() == code;
        });
        BOOST_TEST(test::readFile(file) == bytes);
        BOOST_TEST((std::filesystem::status(file).permissions() == std::filesystem::perms(0644)));
        BOOST_TEST(backups().empty());
    };
    {
        auto farm = old();
        farm.lastRelease();
        for (int i = 0; i < 300; ++i)
            farm.sql("INSERT INTO builds (id, pkgname, status, cached_response) VALUES ('b" + std::to_string(i) +
                     "', 'zlib', 'completed', '" + std::string(500, 'x') + "')");
    }
    const auto whole = test::readFile(file);
    auto flipped = whole;
    for (std::size_t page = 10 * 4096; page < 14 * 4096; ++page)
        flipped[page] = static_cast<char>(~flipped[page]);
    refused(flipped, "storage_damaged", "is damaged");
    refused(whole.substr(0, whole.size() / 2), "storage_failed", "malformed");
    refused("This is a letter, not a database. " + std::string(5000, '.'), "storage_failed", "not a database");
    std::filesystem::remove(file);
    old().sql("CREATE TABLE bookmarks (url TEXT)");
    refused(test::readFile(file), "not_a_farm", "another program");
}

BOOST_FIXTURE_TEST_CASE(d11_a_database_of_a_newer_farm_is_refused_and_not_touched, Fixture)
{
    open();
    old().sql("INSERT INTO schema_versions (module, version, applied_at) VALUES ('core', 1000, 1)");
    const auto before = test::readFile(file);
    BOOST_CHECK_EXCEPTION(open(), Unavailable, [](const auto& error) { return error.code() == "schema_too_new"; });
    BOOST_TEST(test::readFile(file) == before);
    BOOST_TEST(backups().empty());
}

BOOST_FIXTURE_TEST_CASE(a_take_over_that_fails_leaves_the_old_database_and_no_copy_of_it, Fixture)
{
    // A view that stands where the farm needs a table.
    old().lastRelease().sql("CREATE VIEW outbox AS SELECT 1 AS id").sql(kAlice);
    const auto before = ask("SELECT count(*) FROM sqlite_master");
    for (int i = 0; i < 3; ++i)
        BOOST_CHECK_THROW(open(), Unavailable);
    BOOST_TEST(ask("SELECT count(*) FROM sqlite_master") == before);
    BOOST_TEST(ask("SELECT username FROM users") == "alice");
    BOOST_TEST(backups().empty());
}

BOOST_AUTO_TEST_SUITE_END()

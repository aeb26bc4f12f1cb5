// SPDX-License-Identifier: MIT
#include "storage/foreign_farm.h"

#include "unit/storage/foreign_farm_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using apbfarm::test::OldFarm;
using apbfarm::test::kAlice;
using Fixture = apbfarm::test::ForeignFarmFixture;

BOOST_AUTO_TEST_SUITE(ForeignFarm)

BOOST_FIXTURE_TEST_CASE(opens_a_database_of_every_generation, Fixture)
{
    int generation = 0;
    for (const auto make : {&OldFarm::firstRelease, &OldFarm::july, &OldFarm::october, &OldFarm::grown,
                            &OldFarm::lastRelease}) {
        file = folder / ("generation" + std::to_string(++generation) + ".db");
        (old().*make)().sql(kAlice).sql("INSERT INTO builds (id, server_arch, pkgname, status, created_at, user_id) "
                                        "VALUES ('b1', 'x86_64', 'zlib', 'completed', 1700000001.25, 1)");
        const auto storage = open();
        const auto build = storage->builds().find("b1").value();
        BOOST_TEST((build.state == BuildState::Completed));
        BOOST_TEST((build.createdAt == fromEpoch(1700000001.25)));
        BOOST_TEST(build.owner.value() == 1);
        BOOST_TEST(build.timeout.count() == 7200);
        BOOST_TEST(storage->users().passwordHash(1).value() == "salt:hash");
        BOOST_TEST(storage->users().hasActiveAdmin());
    }
}

BOOST_FIXTURE_TEST_CASE(opens_a_database_that_grew_and_keeps_what_it_does_not_know, Fixture)
{
    old().grown().sql(kAlice).sql(
        "INSERT INTO builds (id, pkgname, status, created_at, user_id, build_timeout, pkgver, archived) "
        "VALUES ('b1', 'zlib', 'failed', 5, 1, 60, '1.3', 1)");
    {
        const auto storage = open();
        const auto build = storage->builds().find("b1").value();
        BOOST_TEST(build.timeout.count() == 60);
        BOOST_TEST(build.pkgver == "1.3");
        BOOST_TEST(build.owner.value() == 1);
    }
    BOOST_TEST(ask("SELECT archived FROM builds") == "1");
    BOOST_TEST(ask("SELECT file_path FROM archived_files") == "/somewhere");
}

BOOST_FIXTURE_TEST_CASE(times_in_text_become_numbers, Fixture)
{
    old().lastRelease().sql(
        "INSERT INTO builds (id, server_url, pkgname, status, start_time, end_time, created_at) VALUES "
        "('b1', 'http://s', 'zlib', 'completed', '2026-11-21T20:49:52.171154+00:00', 'None', 10)");
    {
        const auto build = open()->builds().find("b1").value();
        BOOST_TEST((build.startedAt == Timestamp(std::chrono::microseconds(1'795'294'192'171'154))));
        BOOST_TEST(!build.endedAt.has_value());
    }
    BOOST_TEST(ask("SELECT typeof(start_time) FROM builds") == "real");
}

BOOST_FIXTURE_TEST_CASE(dead_queue_entries_end_as_failed_and_say_why, Fixture)
{
    old().lastRelease().sql(
        "INSERT INTO builds (id, server_url, pkgname, status, created_at, end_time) VALUES "
        "('dead', NULL, 'a', 'queued', 1, NULL), ('running', 'http://s', 'b', 'building', 2, NULL), "
        "('there', 'http://s', 'c', 'queued', 3, NULL), ('odd', 'http://s', 'd', 'exploded', 4, 5), "
        "('none', NULL, 'e', NULL, 5, 6), ('gone', NULL, 'f', 'cancelled', 6, NULL)");
    const auto storage = open();
    const auto state = [&](const char* id) { return std::string(toText(storage->builds().find(id)->state)); };
    BOOST_TEST(state("dead") == "failed");
    BOOST_TEST(state("running") == "building");
    BOOST_TEST(state("there") == "building");
    BOOST_TEST(state("odd") == "failed");
    BOOST_TEST(state("none") == "failed");
    BOOST_TEST(state("gone") == "cancelled");
    const auto dead = storage->builds().find("dead").value();
    BOOST_TEST(dead.reason.find("submit it again") != std::string::npos);
    BOOST_TEST((dead.endedAt == clock.wall()));
    BOOST_TEST(!storage->builds().find("gone")->endedAt.has_value());
    BOOST_TEST(storage->builds().find("odd")->reason.find("exploded") != std::string::npos);
    BOOST_TEST(storage->builds().attempts("running").size() == 1);
    BOOST_TEST(storage->builds().attempts("dead").empty());
}

BOOST_FIXTURE_TEST_CASE(new_builds_come_after_the_old_ones, Fixture)
{
    old().lastRelease().sql("INSERT INTO builds (id, server_url, pkgname, status, created_at) VALUES "
                            "('a', 'http://s', 'a', 'building', 9), ('b', 'http://s', 'b', 'building', 3)");
    const auto storage = open();
    Build build;
    build.id = "c";
    build.createdAt = fromEpoch(1);
    storage->builds().submit({.builds = {build}});
    std::vector<BuildId> ids;
    for (const auto& live : storage->builds().listLive())
        ids.push_back(live.id);
    BOOST_TEST(ids == (std::vector<BuildId>{"a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(references_to_nobody_are_cut, Fixture)
{
    old().lastRelease().sql(kAlice).sql(
        "INSERT INTO builds (id, pkgname, status, created_at, user_id) VALUES ('b1', 'a', 'failed', 1, 77);"
        "INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at) VALUES "
        "('orphan', 77, 1, 1, 9e9), ('good', 1, 1, 1, 9e9)");
    {
        const auto storage = open();
        BOOST_TEST(!storage->builds().find("b1")->owner.has_value());
        BOOST_TEST(storage->tokens().listActive(clock.wall()).size() == 1);
    }
    BOOST_TEST(ask("PRAGMA foreign_key_check") == "nothing");
    BOOST_TEST(ask("PRAGMA integrity_check") == "ok");
}

BOOST_FIXTURE_TEST_CASE(old_accounts_with_every_oddity_are_readable, Fixture)
{
    old().lastRelease().sql(
        "INSERT INTO users (username, password_hash, role, created_at, email, is_active) VALUES "
        "('Bob', 'x', 'guest', 1, '', 1), ('bob', 'y', 'user', 2, NULL, 1), ('carl', 'z', 'wizard', 3, 'c@d', 0)");
    const auto storage = open();
    BOOST_TEST(storage->users().findByName("Bob")->id == 1);
    BOOST_TEST(storage->users().findByName("bob")->id == 2);
    BOOST_TEST((storage->users().find(1)->role == Role::Guest));
    BOOST_TEST((storage->users().find(3)->role == Role::Guest));
    BOOST_TEST(storage->users().find(1)->email.empty());
    BOOST_TEST(storage->users().find(2)->email.empty());
    User carl;
    carl.username = "carl";
    BOOST_TEST(storage->users().create(carl, "new").id == 4);
}

BOOST_FIXTURE_TEST_CASE(switches_for_mails_are_kept_and_are_on_where_there_were_none, Fixture)
{
    old().october().sql("INSERT INTO users (username, password_hash, created_at, email_notifications_enabled) VALUES "
                        "('on', 'x', 1, 1), ('off', 'x', 2, 0), ('none', 'x', 3, NULL)");
    {
        const auto storage = open();
        BOOST_TEST(storage->users().findByName("on")->emailNotifications);
        BOOST_TEST(!storage->users().findByName("off")->emailNotifications);
        BOOST_TEST(storage->users().findByName("none")->emailNotifications);
    }
    file = folder / "older.db";
    old().july().sql(kAlice);
    BOOST_TEST(open()->users().findByName("alice")->emailNotifications);
}

BOOST_FIXTURE_TEST_CASE(cached_files_of_ended_builds_are_listed_until_they_are_adopted, Fixture)
{
    old().lastRelease().sql(
        "INSERT INTO builds (id, server_url, pkgname, status, created_at) VALUES "
        "('done', 'http://s', 'a', 'completed', 1), ('runs', 'http://s', 'a', 'building', 1);"
        "INSERT INTO cached_artifacts (build_id, filename, file_path, file_size, cached_at, last_accessed) VALUES "
        "('done', 'a.pkg', '/cache/done/a.pkg', 7, 100, 100), ('runs', 'b.pkg', '/b', 7, 100, 100), "
        "('never', 'c.pkg', '/c', 7, 100, 100)");
    {
        const auto storage = open();
        const auto listed = storage->foreignFiles().list();
        BOOST_TEST_REQUIRE(listed.size() == 1);
        BOOST_TEST(listed[0].build == "done");
        BOOST_TEST(listed[0].path == "/cache/done/a.pkg");
        BOOST_TEST(listed[0].size == 7);
        BOOST_TEST((listed[0].cachedAt == fromEpoch(100)));
        BOOST_TEST(!listed[0].adopted);
        storage->foreignFiles().adopt(listed[0], {"done", "a.pkg", 7, "digest", "text/plain", fromEpoch(100)});
        storage->foreignFiles().adopt({.build = "done", .filename = "no-record", .path = "/cache/done/no-record"},
                                      {"done", "no-record", 9, "other", "text/plain", fromEpoch(100)});
    }
    const auto storage = open();
    for (const auto& file : storage->foreignFiles().list())
        BOOST_TEST(file.adopted);
    BOOST_TEST(storage->foreignFiles().list().size() == 2);
    BOOST_TEST(storage->builds().findArtifact("done", "a.pkg")->sha256 == "digest");
    BOOST_TEST(storage->builds().artifacts("done").size() == 2);
    BOOST_TEST(ask("SELECT file_size FROM cached_artifacts WHERE filename = 'no-record'") == "9");
}

BOOST_FIXTURE_TEST_CASE(rows_that_the_other_farm_writes_later_are_taken_over_at_the_next_start, Fixture)
{
    Build build;
    build.id = "mine";
    build.payload = "digest";
    open()->builds().submit({.builds = {build}});
    old().sql("INSERT INTO builds (id, server_url, pkgname, status, created_at) VALUES ('theirs', 'http://s', 'a', "
              "'completed', '2024-01-20T10:00:00Z'); UPDATE builds SET status = 'failed' WHERE id = 'mine'");
    const auto storage = open();
    BOOST_TEST((storage->builds().find("theirs")->state == BuildState::Completed));
    BOOST_TEST(storage->builds().find("theirs")->sequence > storage->builds().find("mine")->sequence);
    BOOST_TEST((storage->builds().find("mine")->state == BuildState::Failed));
    BOOST_TEST(storage->builds().listLive().empty());
}

BOOST_FIXTURE_TEST_CASE(the_other_farm_can_go_on_with_the_migrated_database, Fixture)
{
    old().lastRelease().sql(kAlice);
    open();
    BOOST_CHECK_NO_THROW(old().sql(
        "INSERT INTO builds (id, server_url, server_arch, pkgname, status, created_at, queue_position, "
        "submission_group, user_id, build_timeout, epoch, pkgver, pkgrel) "
        "VALUES ('b', NULL, 'x86_64', 'a', 'queued', 1, 1, 'g', 1, 60, '', '1', '1');"
        "UPDATE users SET is_active = 0 WHERE id = 1; CREATE INDEX IF NOT EXISTS idx_builds_user ON builds(user_id);"
        "INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at) VALUES ('t', 1, 1, 1, 1)"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "functional/take_over.h"

#include <random>

using namespace apbfarm;
using namespace apbfarm::test;
using Existing = ExistingFarm;

BOOST_AUTO_TEST_SUITE(ImportReturn)

BOOST_AUTO_TEST_CASE(d11_killed_at_any_moment_of_the_take_over_nothing_is_lost)
{
    constexpr int kBuilds = 20000, kKills = 20;
    TakeOver over;
    over.existing.make(&OldFarm::lastRelease, true);
    OldFarm(over.existing.database())
        .sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(kBuilds) +
             ") INSERT INTO builds (id, server_url, server_arch, pkgname, status, start_time, created_at, user_id) "
             "SELECT printf('77777777-7777-4777-8777-%012d', i), 'http://127.0.0.1:9', 'x86_64', 'p', 'completed', "
             "'2026-11-21T20:49:52.171154+00:00', i, 2 FROM n");
    const auto sum = "SELECT count(*) || ' ' || sum(length(status)) || ' ' || total(created_at) FROM builds";
    const auto original = over.existing.ask(sum);
    const auto saved = over.home / "saved.db";
    std::filesystem::copy_file(over.existing.database(), saved);
    const auto putBack = [&] {
        for (const auto* ending : {"-wal", "-shm", "-journal"})
            std::filesystem::remove(over.database() + ending);
        std::filesystem::copy_file(saved, over.existing.database(), std::filesystem::copy_options::overwrite_existing);
    };
    const auto begin = std::chrono::steady_clock::now();
    over.farm.start();
    const auto whole = std::chrono::steady_clock::now() - begin;
    over.farm.stop();

    std::mt19937 random(20261122);
    int old = 0, migrated = 0;
    for (int i = kKills; i > 0; --i) {   // the last one early, so that the start after it has the whole to do
        putBack();
        ChildProcess start({(buildDirectory() / "bin/apb-farm").string(), "--port", "0", "--config",
                            over.farm.folder() / "apb.json", "--properties", over.farm.folder() / "farm.properties"},
                           over.farm.folder() / "killed.log");
        const auto moment = std::chrono::duration_cast<std::chrono::milliseconds>(whole) * i / kKills;
        ::poll(nullptr, 0, static_cast<int>(moment.count()) + static_cast<int>(random() % 20));
        start.kill();
        if (over.existing.ask("SELECT count(*) FROM sqlite_master WHERE name = 'schema_versions'") == "0") {
            ++old;
            BOOST_TEST(over.existing.ask("SELECT count(*) FROM pragma_table_info('builds')") == "20");
            BOOST_TEST(over.existing.ask(sum) == original);
        } else {
            ++migrated;
            BOOST_TEST(over.existing.ask("SELECT count(*) FROM builds WHERE state IS NULL") == "0");
        }
    }
    BOOST_TEST_MESSAGE(old << " kills before the end of the take-over, " << migrated << " after it");
    BOOST_TEST(old > 0);
    over.farm.start();
    checkAccounts(over);
    checkStatuses(over);
    BOOST_TEST(statusOf(over.farm.guest(), "77777777-7777-4777-8777-000000000007") == "completed");
    BOOST_TEST(over.farm.guest().get(Existing::packagePath()).status == 200);
    over.farm.stop();
    BOOST_TEST(over.existing.ask("SELECT count(*) FROM builds") == std::to_string(kBuilds + 4));
    BOOST_TEST(over.existing.ask("SELECT count(*) FROM builds WHERE typeof(start_time) = 'text'") == "0");
    BOOST_TEST(over.existing.ask("PRAGMA integrity_check") == "ok");
}

BOOST_AUTO_TEST_CASE(the_older_farm_works_on_a_database_that_was_taken_over_and_the_way_forward_again)
{
    TakeOver over;
    over.farm.setProperty("auth.local.legacyFormat", "true");
    over.existing.make(&OldFarm::october, true);
    over.farm.start();
    checkAccounts(over);
    const auto token = over.farm.tokenOf("alice", Existing::kAlicesPassword);
    checkWorks(over);
    const auto made = over.farm.admin().postJson(
        "/auth/users", R"({"username":"newcomer","password":"a password of ours","role":"user"})");
    BOOST_TEST(made.status == 200, made.body);
    BOOST_TEST(over.farm.stop() == 0);

    const auto database = over.existing.database();
    olderFarm(database, {"open"});
    BOOST_TEST(olderFarm(database, {"token", Existing::kToken}) == "alice");
    BOOST_TEST(olderFarm(database, {"token", token}) == "alice");
    BOOST_TEST(olderFarm(database, {"login", "newcomer", "a password of ours"}).size() == 43u);
    const auto theirs = olderFarm(database, {"login", "alice", Existing::kAlicesPassword});
    BOOST_TEST(has(olderFarm(database, {"builds"}), std::string(Existing::kCompleted) + " completed alice"));
    olderFarm(database, {"work", "alice"});

    over.farm.start();
    HttpClient alice(over.farm.port());
    alice.always("Authorization", "Bearer " + theirs);
    std::map<std::string, std::string> statuses;
    const auto builds = json(alice.get("/builds/latest"))->getArray("builds");
    for (unsigned i = 0; i < builds->size(); ++i) {
        const auto build = builds->getObject(i);
        statuses[build->getValue<std::string>("pkgname")] = build->getValue<std::string>("status");
    }
    BOOST_TEST(statuses["finished-by-the-older-farm"] == "completed");
    BOOST_TEST(statuses["waiting-in-the-older-farm"] == "failed");
    BOOST_TEST(statuses["discovered-by-the-older-farm"] == "failed");
    BOOST_TEST(!over.farm.tokenOf("made-by-the-older-farm", "a password of it").empty());
    checkWorks(over);
    over.farm.stop();
    BOOST_TEST(over.existing.ask("SELECT count(*) FROM smtp_config WHERE password LIKE 'sealed:%'") == "1");
    BOOST_TEST(over.existing.ask("SELECT email_notifications_enabled FROM users "
                                 "WHERE username = 'made-by-the-older-farm'") == "0");
    BOOST_TEST(over.existing.ask("PRAGMA foreign_key_check") == "nothing");
}

BOOST_AUTO_TEST_SUITE_END()

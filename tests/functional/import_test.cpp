// SPDX-License-Identifier: MIT
#include "functional/take_over.h"

using namespace apbfarm;
using namespace apbfarm::test;
using Existing = ExistingFarm;

BOOST_AUTO_TEST_SUITE(Import)

BOOST_AUTO_TEST_CASE(databases_of_every_generation_open_with_their_accounts_tokens_and_histories)
{
    for (const auto& [name, generation] : Existing::generations()) {
        BOOST_TEST_CONTEXT(name) {
            TakeOver over;
            over.existing.make(generation, false);
            over.farm.start();
            checkAccounts(over);
            checkHistory(over);
            checkWorks(over);
            BOOST_TEST(over.farm.stop() == 0);
            BOOST_TEST(over.existing.ask("SELECT count(*) FROM smtp_config WHERE password LIKE 'sealed:%'") == "2");
            BOOST_TEST(!has(readFile(over.existing.database()), Existing::kMailPassword));
            BOOST_TEST(!has(readFile(over.existing.database()), "older-plain-text"));
            BOOST_TEST(over.existing.ask("PRAGMA integrity_check") == "ok");
            BOOST_TEST(over.existing.ask("PRAGMA foreign_key_check") == "nothing");
        }
    }
}

BOOST_AUTO_TEST_CASE(builds_that_a_server_has_go_on_after_the_take_over)
{
    TakeOver over;
    const std::string running = "55555555-5555-4555-8555-555555555555";
    const std::string waiting = "66666666-6666-4666-8666-666666666666";
    over.existing.make(&OldFarm::october, false);
    for (const auto& [id, status] : {std::pair{running, "building"}, {waiting, "queued"}}) {
        over.server.addForeignBuild(id, "zlib", *buildStatusFromText(status));
        OldFarm(over.existing.database())
            .sql("INSERT INTO builds (id, server_url, server_arch, pkgname, status, created_at, user_id) "
                 "VALUES ('" + id + "', '" + over.server.url() + "', 'x86_64', 'zlib', '" + status + "', 1700000014, 2)");
    }
    over.farm.start();
    for (const auto& id : {running, waiting}) {
        over.server.finish(id, BuildStatus::Completed, {{"zlib-1-1-any.pkg.tar.zst", "bytes"}});
        BOOST_TEST(waitForStatus(over.farm.guest(), id, "completed"));
        BOOST_TEST(over.farm.guest().get("/build/" + id + "/download/zlib-1-1-any.pkg.tar.zst").body == "bytes");
    }
    BOOST_TEST(over.server.submissions().empty());
}

BOOST_AUTO_TEST_CASE(files_of_the_older_cache_can_be_downloaded_and_its_logs_read)
{
    TakeOver over;
    over.existing.make(&OldFarm::lastRelease, true);
    over.farm.start();
    const auto base = "/build/" + std::string(Existing::kCompleted);
    const auto package = over.farm.guest().get(base + "/download/" + Existing::kPackage);
    BOOST_TEST(package.status == 200);
    BOOST_TEST(package.body == "the bytes of a package");
    BOOST_TEST(over.farm.guest().get(base + "/download/gone-1-1-any.pkg.tar.zst").status == 404);
    const auto status = json(over.farm.guest().get(base + "/status-api"));
    BOOST_TEST(status->getArray("packages")->size() == 1u);
    BOOST_TEST(over.withOldToken().get(base + "/download/build.log").body == "==> Making package\n==> Finished\n");
    BOOST_TEST(has(over.farm.guest().get(base + "/download/build.log").body, "==> Finished"));
    BOOST_TEST(json(over.farm.guest().get(base + "/output"))->getValue<int>("total_lines") == 2);
    const auto other = "/build/" + std::string(Existing::kFailed);
    BOOST_TEST(over.withOldToken().get(other + "/download/build.log").body == "==> ERROR\n");

    BOOST_TEST(eventually([&] { return has(over.farm.log(), "Adopted 3 files"); }), over.farm.log());
    over.farm.stop();
    std::filesystem::remove_all(over.existing.cache());
    over.farm.start();
    BOOST_TEST(over.farm.guest().get(base + "/download/" + Existing::kPackage).body == "the bytes of a package");
    BOOST_TEST(!has(over.farm.log().substr(over.farm.log().rfind("Stopping")), "Adopting"));
}

BOOST_AUTO_TEST_CASE(while_something_listens_on_the_port_the_database_is_not_taken_over)
{
    TakeOver over;
    over.existing.make(&OldFarm::october, false);
    const auto before = readFile(over.existing.database());
    ChildProcess start({(buildDirectory() / "bin/apb-farm").string(), "--config", over.farm.folder() / "apb.json",
                        "--properties", over.farm.folder() / "farm.properties", "--port",
                        over.server.url().substr(over.server.url().rfind(':') + 1)},
                       over.farm.folder() / "second.log");
    BOOST_TEST(start.wait().value_or(0) != 0);
    BOOST_TEST(has(start.output(), "cannot listen"), start.output());
    BOOST_TEST((readFile(over.existing.database()) == before));
}

BOOST_AUTO_TEST_SUITE_END()

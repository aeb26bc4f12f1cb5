// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>

#include <csignal>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(Keeping)

BOOST_AUTO_TEST_CASE(D10_without_the_reserve_on_the_disk_nothing_new_is_accepted_and_all_else_goes_on)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    auto client = farm.admin();
    const auto build = member(submit(client, "before"), "build_id");
    BOOST_REQUIRE(server.waitForAccepted(build));
    farm.stop();
    farm.setProperty("limits.storageReserve", "1000000000MB");
    farm.start();
    const auto answer = submit(farm.admin(), "after");
    BOOST_TEST(answer.status == 507);
    BOOST_TEST(member(answer, "error_type") == "storage_full");
    server.finish(build, BuildStatus::Completed);
    BOOST_TEST(eventually([&] { return test::statusOf(farm.guest(), build) == "completed"; }));
}

BOOST_AUTO_TEST_CASE(D14_a_backup_made_in_use_opens_as_a_farm_with_the_same_builds)
{
    FakeBuildServer server;
    server.setSlots(0);
    FarmProcess farm({{"x86_64", server.url()}}, {{"database.backupInterval", "100ms"}});
    farm.start();
    auto client = farm.admin();
    const auto build = member(submit(client, "kept"), "build_id");
    const auto backup = farm.stateDirectory() / "backups/farm.db.backup";
    // Two more backups began after the answer, so the older of the two kept ones holds the build.
    const auto made = [&] { return std::filesystem::exists(backup) ? std::filesystem::last_write_time(backup) : std::filesystem::file_time_type{}; };
    for (int i = 0; i < 2; ++i) {
        const auto before = made();
        BOOST_REQUIRE(eventually([&] { return made() != before; }));
    }
    farm.kill();
    for (const auto* ending : {"", "-wal", "-shm"})
        std::filesystem::remove(farm.stateDirectory().string() + "/farm.db" + ending);
    std::filesystem::copy_file(backup, farm.stateDirectory() / "farm.db");
    farm.start();
    BOOST_TEST(test::statusOf(farm.guest(), build) == "queued");
    server.setSlots(1);
    BOOST_TEST(server.waitForAccepted(build));
}

BOOST_AUTO_TEST_CASE(D9_a_farm_whose_database_cannot_be_written_any_more_ends_within_seconds_and_recovers)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    const auto before = std::signal(SIGXFSZ, SIG_IGN);   // the farm inherits it
    farm.start();
    std::signal(SIGXFSZ, before);
    auto client = farm.admin();
    const auto build = member(submit(client, "before"), "build_id");
    const auto log = farm.stateDirectory() / "farm.db-wal";
    BOOST_REQUIRE(server.waitForAccepted(build));
    const rlim_t size = std::filesystem::file_size(log) + 1000;
    const rlimit tight{size, size};
    BOOST_REQUIRE(::prlimit(farm.process().pid(), RLIMIT_FSIZE, &tight, nullptr) == 0);
    // What still fits in is answered with success, and then it is there.
    std::string last = build;
    for (auto answer = submit(client, "another"); answer.status == 200; answer = submit(client, "another"))
        last = member(answer, "build_id");
    BOOST_TEST(farm.process().wait(30s).value_or(0) > 0);   // a minute passes until it would look for it by itself
    BOOST_TEST(farm.log().find("cannot be written any more") != std::string::npos, farm.log());
    farm.start();
    for (const auto& id : {build, last})
        BOOST_TEST(farm.guest().get("/build/" + id + "/status-api").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

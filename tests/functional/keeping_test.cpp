// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;

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

BOOST_AUTO_TEST_SUITE_END()

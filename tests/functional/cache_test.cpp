// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// Files may go as soon as they are a moment old; nothing is removed unless a test asks for it.
struct CacheFarm {
    CacheFarm() { server.finishAtOnce(std::nullopt); }

    std::string built(const std::string& name, const std::string& content)
    {
        const auto build = acceptedBuild(submit(farm.admin(), name));
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        server.finish(build, BuildStatus::Completed, {{name + "-1.0-1-x86_64.pkg.tar.zst", content}});
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build, 30s) == "completed");
        return build;
    }
    int download(const std::string& build, const std::string& name)
    {
        return farm.guest().get("/build/" + build + "/download/" + name + "-1.0-1-x86_64.pkg.tar.zst").status;
    }
    Poco::JSON::Object::Ptr cache() { return json(farm.admin().get("/admin/cache")); }
    Poco::JSON::Object::Ptr cleanUp() { return json(farm.admin().post("/admin/cache/cleanup")); }
    int filesOnDisk()
    {
        int count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(farm.stateDirectory() / "artifacts"))
            count += entry.is_regular_file();
        return count;
    }
    /// Makes every kept file look that much older, to the database and on the disk, while no farm runs.
    void age(std::chrono::hours hours)
    {
        farm.stop();
        ChildProcess update({"sqlite3", farm.stateDirectory() / "farm.db",
                             "UPDATE artifacts SET stored_at = stored_at - " +
                                 std::to_string(std::chrono::seconds(hours).count())},
                            farm.folder() / "sqlite3.log");
        BOOST_TEST_REQUIRE((update.wait() == 0));
        for (const auto& entry : std::filesystem::recursive_directory_iterator(farm.stateDirectory() / "artifacts"))
            if (entry.is_regular_file())
                std::filesystem::last_write_time(entry, std::filesystem::last_write_time(entry) - hours);
        farm.start();
    }

    FakeBuildServer server{"x86_64", 100};
    FarmProcess farm{{{"x86_64", server.url()}}, {{"cache.cleanupInterval", "1d"}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Cache)

BOOST_FIXTURE_TEST_CASE(administrators_see_what_is_kept, CacheFarm)
{
    farm.start();
    BOOST_TEST(cache()->isNull("oldest_cache_timestamp"));
    built("one", std::string(1000, 'x'));
    const auto seen = cache();
    BOOST_TEST(seen->getValue<bool>("enabled"));
    BOOST_TEST(seen->getValue<int>("retention_days") == 30);
    BOOST_TEST(seen->getValue<int>("max_size_mb") == 10240);
    BOOST_TEST(seen->getValue<std::string>("directory") == (farm.stateDirectory() / "artifacts").string());
    BOOST_TEST(seen->getValue<int>("total_artifacts") == 2);   // package and log
    BOOST_TEST(seen->getValue<int>("total_size_bytes") > 1000);
    BOOST_TEST(seen->getValue<double>("total_size_mb") == 0.0);
    BOOST_TEST(seen->getValue<int>("expired_artifacts") == 0);
    BOOST_TEST(seen->getValue<double>("oldest_cache_timestamp") > 1.7e9);
    BOOST_TEST(seen->getValue<double>("oldest_cache_age_days") == 0.0);
    BOOST_TEST(farm.guest().get("/admin/cache").status == 401);
    BOOST_TEST(farm.guest().post("/admin/cache/cleanup").status == 401);
}

BOOST_FIXTURE_TEST_CASE(files_that_are_too_old_go_and_the_build_stays, CacheFarm)
{
    farm.start();
    const auto old = built("old", "old content");
    age(std::chrono::hours(24 * 31));
    const auto fresh = built("fresh", "fresh content");
    BOOST_TEST(cache()->getValue<int>("expired_artifacts") == 2);
    const auto done = cleanUp();
    BOOST_TEST(done->getValue<bool>("success"));
    BOOST_TEST(done->getValue<int>("removed_artifacts") == 2);
    BOOST_TEST(done->getValue<int>("freed_bytes") > 0);
    BOOST_TEST(filesOnDisk() == 2);
    BOOST_TEST(download(fresh, "fresh") == 200);
    const auto status = farm.guest().get("/build/" + old + "/status?format=json");
    BOOST_TEST(status.status == 200);
    BOOST_TEST(member(status, "status") == "completed");
    BOOST_TEST(json(status)->getValue<bool>("artifacts_ready"));
    BOOST_TEST(farm.guest().get("/build/" + old + "/output").status == 200);
}

BOOST_FIXTURE_TEST_CASE(how_long_files_are_kept_is_read_again_without_a_restart, CacheFarm)
{
    farm.start();
    const auto old = built("old", "old content");
    age(std::chrono::hours(24 * 20));
    BOOST_TEST(cache()->getValue<int>("expired_artifacts") == 0);
    farm.setProperty("cache.retentionDays", "10");
    farm.setProperty("cache.maxSize", "5MB");
    farm.reload();
    BOOST_TEST(eventually([&] { return filesOnDisk() == 0; }), farm.log());
    const auto seen = cache();
    BOOST_TEST(seen->getValue<int>("retention_days") == 10);
    BOOST_TEST(seen->getValue<int>("max_size_mb") == 5);
    BOOST_TEST(farm.log().find("count after a restart only") == std::string::npos);
    BOOST_TEST(json(farm.guest().get("/build/" + old + "/status?format=json"))->getValue<std::string>("status") == "completed");
}

BOOST_FIXTURE_TEST_CASE(the_oldest_files_go_when_all_together_are_too_large, CacheFarm)
{
    farm.setProperty("cache.maxSize", "3MB");
    farm.start();
    std::vector<std::string> builds;
    for (int i = 0; i < 4; ++i) {
        builds.push_back(built("big" + std::to_string(i), std::string(1 << 20, static_cast<char>('a' + i))));
        age(std::chrono::hours(24));
    }
    cleanUp();
    BOOST_TEST(cache()->getValue<std::int64_t>("total_size_bytes") <= 3 << 20);
    BOOST_TEST(packagesOf(farm.guest(), builds[0]).empty());
    for (int i = 2; i < 4; ++i)
        BOOST_TEST(download(builds[static_cast<std::size_t>(i)], "big" + std::to_string(i)) == 200);
}

BOOST_FIXTURE_TEST_CASE(content_that_another_build_shares_stays, CacheFarm)
{
    farm.start();
    const auto old = built("twin", "the same bytes");
    age(std::chrono::hours(24 * 31));
    const auto young = built("twin", "the same bytes");
    cleanUp();
    BOOST_TEST(packagesOf(farm.guest(), old).empty());
    BOOST_TEST(farm.guest().get("/build/" + young + "/download/twin-1.0-1-x86_64.pkg.tar.zst").body == "the same bytes");
}

BOOST_FIXTURE_TEST_CASE(what_a_kill_left_without_an_entry_is_found_later_and_nothing_young_is_touched, CacheFarm)
{
    farm.start();
    built("one", "content");
    const auto folder = farm.stateDirectory() / "artifacts/ab";
    std::filesystem::create_directories(folder);
    const auto orphan = folder / ("ab" + std::string(62, '0'));
    std::ofstream(orphan) << "left behind";
    cleanUp();
    BOOST_TEST(std::filesystem::exists(orphan));   // somebody may be about to refer to it
    age(std::chrono::hours(24));
    cleanUp();
    BOOST_TEST(!std::filesystem::exists(orphan));
    BOOST_TEST(filesOnDisk() == 2);
}

BOOST_FIXTURE_TEST_CASE(files_of_a_build_that_is_not_finished_stay, CacheFarm)
{
    farm.start();
    server.misbehave({.fault = Fault::Answer, .path = "/download/last", .status = 503});
    const auto build = acceptedBuild(submit(farm.admin(), "two"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    server.finish(build, BuildStatus::Completed,
                  {{"first-1-1-x86_64.pkg.tar.zst", "first"}, {"last-1-1-x86_64.pkg.tar.zst", "last"}});
    BOOST_TEST_REQUIRE(eventually([&] { return filesOnDisk() >= 1; }));
    cleanUp();
    BOOST_TEST(filesOnDisk() >= 1);
    server.behave();
    BOOST_TEST(waitForEnd(farm.guest(), build, 60s) == "completed");
    BOOST_TEST(farm.guest().get("/build/" + build + "/download/first-1-1-x86_64.pkg.tar.zst").body == "first");
}

BOOST_FIXTURE_TEST_CASE(the_background_task_removes_without_being_asked_and_reports, CacheFarm)
{
    farm.start();
    const auto old = built("old", "content");
    age(std::chrono::hours(24 * 31));
    farm.stop();
    farm.setProperty("cache.cleanupInterval", "100ms");
    farm.start();
    BOOST_TEST(eventually([&] { return packagesOf(farm.guest(), old).empty(); }));
    const auto tasks = farm.admin().get("/admin/tasks").body;
    BOOST_TEST(tasks.find("\"name\":\"cache\"") != std::string::npos, tasks);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <Poco/JSON/Array.h>

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

struct ReloadFixture {
    /// Waits until the farm has read its configuration so many times, well or badly.
    void waitForReloads(int count)
    {
        BOOST_TEST_REQUIRE(eventually([&] { return reloadTask()->getValue<int>("runs") == count; }), farm.log());
    }
    void reload()
    {
        const auto before = reloadTask()->getValue<int>("runs");
        farm.reload();
        waitForReloads(before + 1);
    }
    Poco::JSON::Object::Ptr reloadTask()
    {
        const auto tasks = json(farm.admin().get("/admin/tasks"))->getArray("tasks");
        for (const auto& task : *tasks)
            if (task.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("name") == "reload")
                return task.extract<Poco::JSON::Object::Ptr>();
        throw std::runtime_error("there is no task reload");
    }
    std::vector<std::string> servers()
    {
        std::vector<std::string> urls;
        const auto list = json(farm.admin().get("/farm"))->getArray("servers");
        for (const auto& server : *list)
            urls.push_back(server.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("url"));
        return urls;
    }
    std::string submitted(const std::string& name, const std::string& architecture = "'x86_64'")
    {
        const auto answer = submit(farm.admin(), name, architecture);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return member(answer, "build_id");
    }
    bool becomes(const std::string& build, const std::string& status)
    {
        return eventually([&] { return statusOf(farm.guest(), build) == status; });
    }
    bool isInAuditTrail(const std::string& action, int times)
    {
        return eventually([&] {
            return json(farm.admin().get("/admin/audit?action=" + action))->getValue<int>("total") == times;
        });
    }
    bool logged(const std::string& text) { return farm.log().find(text) != std::string::npos; }

    FakeBuildServer first{"x86_64"}, second{"x86_64"};
    FarmProcess farm{{{"x86_64", first.url()}}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(Reload, ReloadFixture)

BOOST_AUTO_TEST_CASE(a_server_that_is_added_takes_builds)
{
    FakeBuildServer arm("aarch64");
    arm.finishAtOnce(BuildStatus::Completed);
    farm.start();
    BOOST_TEST(submit(farm.admin(), "early", "'aarch64'").status == 503);
    farm.setServers({{"x86_64", first.url()}, {"aarch64", arm.url()}});
    reload();
    BOOST_TEST(servers().size() == 2u);
    BOOST_TEST(becomes(submitted("late", "'aarch64'"), "completed"), farm.log());
    BOOST_TEST(logged("Configured now: " + arm.url()));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_removed_gets_nothing_new_and_its_builds_are_followed_to_their_end)
{
    farm.start();
    const auto running = submitted("running");
    BOOST_TEST_REQUIRE(becomes(running, "building"));
    farm.setServers({{"x86_64", second.url()}});
    reload();
    const auto later = submitted("later");
    BOOST_TEST_REQUIRE(becomes(later, "building"), farm.log());
    BOOST_TEST((second.statusOf(later) == BuildStatus::Building));
    BOOST_TEST(servers().size() == 2u);
    first.appendLog(running, "the last line");
    first.finish(running, BuildStatus::Completed, {{"running-1.0-1-x86_64.pkg.tar.zst", "bytes"}});
    BOOST_TEST(becomes(running, "completed"), farm.log());
    BOOST_TEST(farm.guest().get("/build/" + running + "/download/running-1.0-1-x86_64.pkg.tar.zst").body == "bytes");
    BOOST_TEST(eventually([&] { return servers() == std::vector<std::string>{second.url()}; }));
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_keeps_its_builds)
{
    farm.start();
    const auto running = submitted("running");
    BOOST_TEST_REQUIRE(becomes(running, "building"));
    farm.setServers({{"x86_64", second.url()}});
    reload();
    farm.setServers({{"x86_64", first.url()}, {"x86_64", second.url()}});
    reload();
    BOOST_TEST(servers().size() == 2u);
    first.finish(running, BuildStatus::Failed);
    BOOST_TEST(becomes(running, "failed"), farm.log());
    BOOST_TEST((first.acceptedCount() == std::map<BuildId, int>{{running, 1}}));
}

BOOST_AUTO_TEST_CASE(a_build_whose_server_was_not_configured_at_the_start_is_taken_up_when_it_is_again)
{
    farm.start();
    const auto running = submitted("running");
    BOOST_TEST_REQUIRE(becomes(running, "building"));
    farm.stop();
    farm.setServers({{"x86_64", second.url()}});
    farm.start();
    first.finish(running, BuildStatus::Completed, {{"running-1.0-1-x86_64.pkg.tar.zst", "bytes"}});
    farm.setServers({{"x86_64", first.url()}, {"x86_64", second.url()}});
    reload();
    BOOST_TEST(becomes(running, "completed"), farm.log());
}

BOOST_AUTO_TEST_CASE(a_server_under_the_wrong_architecture_works_once_it_is_moved)
{
    farm.setServers({{"aarch64", first.url()}});
    farm.start();
    const auto isMisconfigured = [&] {
        return farm.admin().get("/farm").body.find("\"misconfigured\"") != std::string::npos;
    };
    BOOST_TEST_REQUIRE(eventually(isMisconfigured));
    farm.setServers({{"x86_64", first.url()}});
    reload();
    BOOST_TEST(eventually([&] { return !isMisconfigured(); }));
    BOOST_TEST(becomes(submitted("moved"), "building"), farm.log());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_wrong_changes_nothing_and_the_log_says_where)
{
    farm.start();
    const auto running = submitted("running");
    BOOST_TEST_REQUIRE(becomes(running, "building"));
    std::ofstream(farm.folder() / "apb.json") << "{\"servers\": {\n  \"x86_64\": [\"" << second.url() << "\",]\n}}\n";
    farm.setProperty("limits.submissionsPerMinute", "1");
    reload();
    BOOST_TEST(logged("The configuration was not reloaded, nothing has changed: "));
    BOOST_TEST(logged("apb.json:2"), farm.log());
    BOOST_TEST(servers() == std::vector<std::string>{first.url()});
    submitted("one");
    submitted("two");
    const auto task = reloadTask();
    BOOST_TEST(task->getValue<int>("failures") == 1);
    BOOST_TEST(task->getValue<std::string>("last_failure").find("apb.json") != std::string::npos);

    farm.setServers({{"x86_64", second.url()}});
    farm.setProperty("follow.satusInterval", "100ms");
    reload();
    BOOST_TEST(logged("farm.properties:"));
    BOOST_TEST(logged("unknown key 'follow.satusInterval'; did you mean 'follow.statusInterval'?"), farm.log());
    BOOST_TEST(servers() == std::vector<std::string>{first.url()});
    BOOST_TEST(isInAuditTrail("config_reload_failed", 2));
    first.finish(running, BuildStatus::Completed);
    BOOST_TEST(becomes(running, "completed"));
}

BOOST_AUTO_TEST_CASE(limits_and_the_level_of_the_log_count_at_once_and_what_needs_a_restart_is_named)
{
    farm.start();
    submitted("one");
    BOOST_TEST(!logged(" GET /health 200"));
    farm.setProperty("limits.submissionsPerMinute", "1");
    farm.setProperty("http.workers", "7");
    farm.setProperty("auth.local.iterations", "10001");
    farm.setProperty("log.level", "DEBUG");
    reload();
    BOOST_TEST(submit(farm.admin(), "two").status == 429);
    farm.guest().get("/health");
    BOOST_TEST(eventually([&] { return logged(" GET /health 200"); }));
    BOOST_TEST(logged("count after a restart only: auth.local.iterations, http.workers"), farm.log());
    BOOST_TEST(isInAuditTrail("config_reloaded", 1));
}

BOOST_AUTO_TEST_SUITE_END()

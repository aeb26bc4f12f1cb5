// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// Everything that guests and users can read about a build and the farm.
std::vector<std::string> targetsFor(const std::vector<std::string>& builds)
{
    std::vector<std::string> targets{"/farm", "/dashboard", "/dashboard/fragment", "/dashboard/builds",
                                     "/dashboard/packages", "/dashboard/statistics", "/builds.atom", "/my", "/submit",
                                     "/builds/latest", "/my/builds",
                                     "/ready", "/health"};
    for (const auto& build : builds)
        for (const auto* rest :
             {"status", "status?format=json", "status-api", "fragment", "outline", "output", "download/build.log"})
            targets.push_back("/build/" + build + "/" + rest);
    return targets;
}

struct WatchedFarm {
    WatchedFarm() { startWithUsers(farm); }

    void checkNobodyLearnsTheAddress(const std::vector<std::string>& builds)
    {
        const auto port = server.url().substr(server.url().rfind(':'));
        for (const auto& client : {farm.guest(), farm.as("alice", "admin123")})
            for (const auto& target : targetsFor(builds)) {
                const auto answer = client.get(target);
                auto text = answer.body;
                for (const auto& [name, value] : answer.headers)
                    text += "\n" + name + ": " + value;
                BOOST_TEST(!has(text, port), target << ": " << text);
                BOOST_TEST(!has(text, "127.0.0.1"), target << ": " << text);
            }
        BOOST_TEST(has(farm.admin().get("/farm").body, server.url()));
    }

    FakeBuildServer server{"x86_64", 2};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Privacy)

BOOST_FIXTURE_TEST_CASE(only_administrators_see_where_build_servers_are_Z4, WatchedFarm)
{
    const auto alice = farm.as("alice", "admin123");
    std::vector<std::string> builds;
    for (int i = 0; i < 3; ++i)
        builds.push_back(acceptedBuild(submit(alice, "private")));
    server.waitForAccepted(builds[0]);
    server.waitForAccepted(builds[1]);
    server.finish(builds[0], BuildStatus::Completed, {{"private-1.0-1-x86_64.pkg.tar.zst", "content"}});
    BOOST_TEST_REQUIRE(waitForEnd(alice, builds[0]) == "completed");
    checkNobodyLearnsTheAddress(builds);
    BOOST_TEST(has(farm.guest().get("/farm").body, "\"127---1\""));
    BOOST_TEST(member(alice.get("/build/" + builds[0] + "/status-api"), "server_url") == "127---1");
}

BOOST_FIXTURE_TEST_CASE(the_address_of_a_server_that_is_away_is_not_in_the_errors_Z4, WatchedFarm)
{
    const auto running = acceptedBuild(submit(farm.admin(), "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    server.goDown();
    const auto waiting = acceptedBuild(submit(farm.admin(), "waiting"));
    BOOST_TEST_REQUIRE(eventually([&] { return has(farm.guest().get("/farm").body, "\"offline\""); }));
    checkNobodyLearnsTheAddress({running, waiting});
    BOOST_TEST_REQUIRE(eventually([&] { return has(farm.guest().get("/farm").body, "\"unavailable\""); }), farm.log());
    checkNobodyLearnsTheAddress({running, waiting});
}

BOOST_FIXTURE_TEST_CASE(what_a_server_says_of_itself_is_not_passed_on_Z4, WatchedFarm)
{
    const auto url = server.url();
    server.misbehave({.fault = Fault::Answer, .path = "/build", .method = "POST", .times = 1, .status = 400,
                      .body = R"({"detail":{"error":"Invalid tarball","detail":")" + url + R"( cannot read it"}})",
                      .headers = {{"content-type", "application/json"}}});
    const auto rejected = acceptedBuild(submit(farm.admin(), "rejected"));
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), rejected) == "failed");
    server.misbehave({.fault = Fault::Answer, .path = "/", .method = "GET", .status = 200,
                      .body = R"({"status":"running","version":")" + url + R"(","supported_architecture":"x86_64",)" +
                              R"("system_info":{"architecture":"x86_64","cpu":{"model":")" + url + R"("}},)" +
                              R"("queue_status":{"current_builds_count":0,"queued_builds":0}})",
                      .headers = {{"content-type", "application/json"}}});
    BOOST_TEST_REQUIRE(eventually([&] { return has(farm.admin().get("/farm").body, "\"version\":\"" + url); }));
    checkNobodyLearnsTheAddress({rejected});
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_users.h"
#include "real_server.h"

#include <deque>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// One way to misbehave, on a server and an architecture of its own, so that all run at once.
struct Case {
    const char* what;
    Misbehaviour misbehaviour;
};

/// Answers that say nothing of what was done with a submission, before or after it was recorded (L2, L3).
std::vector<Case> handOverCases()
{
    return {
        {"resets before recording", {.fault = Fault::ResetBefore, .path = "/build", .method = "POST", .times = 2}},
        {"resets after recording", {.fault = Fault::ResetAfter, .path = "/build", .method = "POST", .times = 1}},
        {"is silent after recording", {.fault = Fault::SilenceAfter, .path = "/build", .method = "POST", .times = 1}},
        {"answers a page", {.fault = Fault::Html, .path = "/build", .method = "POST", .times = 1}},
        {"answers an empty document", {.fault = Fault::Answer, .path = "/build", .method = "POST", .times = 1, .status = 200,
                                       .body = "{}"}},
        {"answers half a document", {.fault = Fault::HalfJson, .path = "/build", .method = "POST", .times = 1}},
        {"cuts its answer", {.fault = Fault::Truncated, .path = "/build", .method = "POST", .times = 1}},
        {"is busy", {.fault = Fault::Answer, .path = "/build", .method = "POST", .times = 2, .status = 503,
                     .body = "Service Unavailable", .headers = {{"content-type", "text/plain"}, {"retry-after", "1"}}}},
        {"hides behind a proxy", {.fault = Fault::Answer, .path = "/build", .method = "POST", .times = 1, .status = 502,
                                  .body = "<html>Bad Gateway</html>"}},
        {"fails", {.fault = Fault::Answer, .path = "/build", .method = "POST", .times = 1, .status = 500,
                   .body = R"({"detail":"disk full"})"}},
        {"speaks no HTTP", {.fault = Fault::Raw, .path = "/build", .method = "POST", .times = 1,
                            .body = "\r\n\r\n220 mail"}},
    };
}

/// Trouble while the build runs and while its files are fetched.
std::vector<Case> followCases()
{
    return {
        {"status is a page", {.fault = Fault::Html, .path = "/status-api", .times = 5}},
        {"status is cut", {.fault = Fault::HalfJson, .path = "/status-api", .times = 5}},
        {"status is reset", {.fault = Fault::ResetBefore, .path = "/status-api", .times = 5}},
        {"status is denied by a framework", {.fault = Fault::Answer, .path = "/status-api", .times = 5, .status = 404,
                                             .body = R"({"detail":"Not Found"})"}},
        {"status has an unknown word", {.fault = Fault::Answer, .path = "/status-api", .times = 5, .status = 200,
                                        .body = R"({"status":"exploded"})"}},
        {"output is a page", {.fault = Fault::Html, .path = "/output", .times = 5}},
        {"output is reset to the end", {.fault = Fault::ResetBefore, .path = "/output", .times = 5}},
        {"log is a page", {.fault = Fault::Html, .path = "/download/build.log", .times = 2}},
        {"download has another size", {.fault = Fault::WrongSize, .path = "/download/", .times = 2}},
        {"download is cut", {.fault = Fault::Truncated, .path = "/download/", .times = 2}},
        {"download is reset", {.fault = Fault::ResetBefore, .path = "/download/", .times = 2}},
    };
}

struct Trouble {
    explicit Trouble(const std::vector<Case>& cases)
    {
        FarmProcess::Servers list;
        for (const auto& item : cases) {
            architectures.push_back("arch" + std::to_string(architectures.size()));
            servers.emplace_back(architectures.back());
            servers.back().finishAtOnce(BuildStatus::Completed);
            servers.back().misbehave(item.misbehaviour);
            list.emplace_back(architectures.back(), servers.back().url());
        }
        farm.setServers(list);
        farm.start();
    }

    /// One build per server, in the order of the servers.
    std::vector<std::string> submitEverywhere()
    {
        std::string names;
        for (const auto& architecture : architectures)
            names += "'" + architecture + "' ";
        const auto answer = submit(farm.admin(), "troubled", names);
        acceptedBuild(answer);
        std::vector<std::string> builds;
        const auto list = json(answer)->getArray("builds");
        for (unsigned i = 0; i < list->size(); ++i)
            builds.push_back(list->getObject(i)->getValue<std::string>("build_id"));
        BOOST_TEST_REQUIRE(builds.size() == servers.size());
        return builds;
    }

    void checkAllCompleteOnce(const std::vector<Case>& cases)
    {
        const auto builds = submitEverywhere();
        for (std::size_t i = 0; i < cases.size(); ++i)
            BOOST_TEST_CONTEXT(cases[i].what) {
                BOOST_TEST(waitForEnd(farm.guest(), builds[i], 60s) == "completed");
                BOOST_TEST(servers[i].acceptedCount()[builds[i]] == 1);
                BOOST_TEST(packagesOf(farm.guest(), builds[i]).size() == 1u);
                const auto log = json(farm.guest().get("/build/" + builds[i] + "/output"))->getArray("output");
                BOOST_TEST(log->size() == servers[i].logOf(builds[i]).size());
                BOOST_TEST(farm.admin().get("/build/" + builds[i] + "/download/build.log").body.starts_with("Starting build"));
                const auto package = "/download/troubled-1-1-" + architectures[i] + ".pkg.tar.zst";
                BOOST_TEST(farm.guest().get("/build/" + builds[i] + package).body == "package of " + builds[i]);
            }
    }

    std::vector<std::string> architectures;
    std::deque<FakeBuildServer> servers;
    FarmProcess farm{{}, {{"server.answerTimeout", "1s"}, {"server.submitTimeout", "1s"}, {"missing.after", "1s"}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(ServerFaults)

BOOST_AUTO_TEST_CASE(an_unclear_hand_over_ends_in_one_build_L3)
{
    const auto cases = handOverCases();
    Trouble trouble(cases);
    trouble.checkAllCompleteOnce(cases);
}

BOOST_AUTO_TEST_CASE(an_administrator_releases_a_build_that_its_server_is_silent_about_L3)
{
    FakeBuildServer server;
    server.misbehave({.fault = Fault::ResetBefore, .path = "/build", .method = "POST", .times = 1});
    server.misbehave({.fault = Fault::Answer, .path = "/status-api", .status = 503});
    server.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", server.url()}});
    startWithUsers(farm);
    const auto admin = farm.admin(), alice = farm.as("alice", "admin123");
    const auto build = acceptedBuild(submit(alice, "doubtful"));
    const auto page = "/build/" + build + "/status", release = "/admin/builds/" + build + "/release";
    const auto shown = [&](const HttpClient& client) { return client.get(page).body.find("release-dialog") != std::string::npos; };
    BOOST_TEST_REQUIRE(eventually([&] { return shown(admin); }), farm.log());
    BOOST_TEST(!shown(alice));
    BOOST_TEST(alice.post(release).status == 403);
    BOOST_TEST(admin.post("/admin/builds/nothing/release").status == 404);

    const auto released = admin.post(release);
    BOOST_TEST(released.status == 200, released.body);
    BOOST_TEST(member(released, "message") == "Build " + build + " waits for a server again");
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    server.behave();
    BOOST_TEST(waitForEnd(farm.guest(), build) == "completed");
    BOOST_TEST(server.acceptedCount()[build] == 1);
    BOOST_TEST(admin.get(page).body.find("Released by admin") != std::string::npos);
    BOOST_TEST(admin.get("/admin/audit?action=build_released").body.find(build) != std::string::npos);
    const auto again = admin.post(release);
    BOOST_TEST(again.status == 409);
    BOOST_TEST(again.body.find("build_not_uncertain") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_talks_nonsense_for_a_while_loses_no_build)
{
    const auto cases = followCases();
    Trouble trouble(cases);
    trouble.checkAllCompleteOnce(cases);
}

BOOST_AUTO_TEST_CASE(a_build_that_its_server_forgot_fails_and_is_not_built_again_L8)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}}, {{"missing.after", "1s"}});
    farm.start();
    const auto build = acceptedBuild(submit(farm.admin(), "forgotten"));
    BOOST_TEST_REQUIRE(waitForStatus(farm.guest(), build, "building"));
    server.forget(build);
    BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "failed");
    BOOST_TEST(!member(farm.guest().get("/build/" + build + "/status-api"), "reason").empty());
    BOOST_TEST(server.acceptedCount()[build] == 1);
}

BOOST_AUTO_TEST_CASE(a_build_outlives_an_outage_of_its_server)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto build = acceptedBuild(submit(farm.admin(), "patient"));
    BOOST_TEST_REQUIRE(waitForStatus(farm.guest(), build, "building"));
    server.goDown();
    const auto isOffline = [&] { return farm.guest().get("/farm").body.find("\"offline\"") != std::string::npos; };
    BOOST_TEST_REQUIRE(eventually(isOffline));
    BOOST_TEST(statusOf(farm.guest(), build) == "building");
    server.comeUp();
    server.finish(build, BuildStatus::Completed, {{"patient-1.0-1-x86_64.pkg.tar.zst", "content"}});
    BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "completed");
    BOOST_TEST(packagesOf(farm.guest(), build).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

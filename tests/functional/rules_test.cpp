// SPDX-License-Identifier: MIT
// Rules of docs/security.md that concern the whole farm and no single resource.
#include "probed_farm.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

const char* const kPassword = "admin123";

/// A farm with one server whose builds end when the test says so.
struct OneServer {
    void start() { startWithUsers(farm); }
    std::string running(const std::string& name)
    {
        const auto build = acceptedBuild(submit(farm.as("alice", kPassword), name));
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        return build;
    }
    std::string finished(std::vector<FakeFile> files)
    {
        const auto build = running("done");
        server.appendLog(build, "a line");
        server.finish(build, BuildStatus::Completed, std::move(files));
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed");
        return build;
    }
    std::size_t requestsWith(const std::string& part) const
    {
        const auto all = server.requests();
        return static_cast<std::size_t>(
            std::ranges::count_if(all, [&](const std::string& line) { return line.find(part) != std::string::npos; }));
    }

    FakeBuildServer server{"x86_64", 2};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Rules)

BOOST_FIXTURE_TEST_CASE(reading_every_route_changes_nothing_L12_W6, ProbedFarm)
{
    std::size_t read = 0;
    for (const auto& route : routes)
        if (route.method == "GET" && route.path != "/auth/logout")
            for (const auto& client : {farm.guest(), farm.as("alice", kPassword), farm.as("admin", kPassword)}) {
                BOOST_TEST(send(client, route, {route.pathWith(names)}).status < 500, route.title());
                ++read;
            }
    BOOST_TEST(read > 60u);
    BOOST_TEST((stateNow() == state));
    BOOST_TEST(server.submissions().empty());
}

BOOST_FIXTURE_TEST_CASE(no_answer_is_meant_for_pages_of_other_sites_W5, ProbedFarm)
{
    const HttpHeaders foreign{{"Origin", "https://elsewhere.example.com"}, {"Access-Control-Request-Method", "GET"}};
    for (const auto& route : routes)
        for (const auto* method : {"GET", "OPTIONS"}) {
            auto asked = route;
            asked.method = method;
            const auto answer = send(farm.as("admin", kPassword), asked, {route.pathWith(names), {}, foreign});
            for (const auto& [name, value] : answer.headers)
                BOOST_TEST(!name.starts_with("Access-Control-"), route.title() << ": " << name << ": " << value);
        }
}

BOOST_FIXTURE_TEST_CASE(what_is_for_administrators_is_refused_or_left_out_field_by_field_Z3, ProbedFarm)
{
    const auto withTimeout = [&](const HttpClient& client) {
        return client.multipart("/build",
                                {{"build_timeout", "600"}, {"build_tarball", tarballOf(pkgbuild("slow")), "a.tar.gz"}});
    };
    BOOST_TEST(withTimeout(farm.as("alice", kPassword)).status == 403);
    BOOST_TEST(withTimeout(farm.admin()).status == 200);
    const auto alice = farm.as("alice", kPassword);
    BOOST_TEST(alice.get("/auth/users/" + accountId(farm.admin(), "bob") + "/builds").status == 403);
    BOOST_TEST(alice.get("/farm").body.find(server.url()) == std::string::npos);
    BOOST_TEST(alice.get("/farm").body.find("\"reason\"") == std::string::npos);
    BOOST_TEST(farm.admin().get("/farm").body.find(server.url()) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(packages_are_tagged_and_cached_and_logs_not_at_all_F3, OneServer)
{
    start();
    const std::string name = "done-1.0-1-x86_64.pkg.tar.zst";
    const auto build = finished({{name, "the package"}});
    const auto alice = farm.as("alice", kPassword);
    const auto package = alice.get("/build/" + build + "/download/" + name);
    BOOST_TEST(package.body == "the package");
    BOOST_TEST(package.header("ETag").size() > 2u);
    const auto again = alice.get("/build/" + build + "/download/" + name, {{"If-None-Match", package.header("ETag")}});
    BOOST_TEST(again.status == 304);
    BOOST_TEST(package.header("Cache-Control").find("immutable") != std::string::npos);
    for (const auto& client : {alice, farm.guest()})
        BOOST_TEST(client.get("/build/" + build + "/download/build.log").header("Cache-Control").find("no-store") !=
                   std::string::npos);
    BOOST_TEST(alice.get("/build/" + build + "/output").header("Cache-Control").find("no-store") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(browsers_never_show_files_of_builds_as_pages_W4, OneServer)
{
    start();
    const std::string package = "done-1.0-1-x86_64.pkg.tar.zst";
    const auto build =
        finished({{package, "the package"}, {"page.html", "<script>x</script>"}, {"picture.svg", "<svg/>"}});
    for (const auto& name : std::vector<std::string>{package, "page.html", "picture.svg", "build.log"}) {
        const auto answer = farm.as("alice", kPassword).get("/build/" + build + "/download/" + name);
        BOOST_TEST_CONTEXT(name << " " << answer.status) {
            BOOST_TEST(answer.header("X-Content-Type-Options") == "nosniff");
            if (answer.status != 200)
                continue;
            BOOST_TEST(answer.header("Content-Security-Policy").find("sandbox") != std::string::npos);
            const auto type = answer.header("Content-Type");
            const bool attached = answer.header("Content-Disposition").starts_with("attachment");
            BOOST_TEST((type.starts_with("text/plain") ||
                        (attached && !type.starts_with("text/") && !type.starts_with("image/"))),
                       type);
        }
    }
    BOOST_TEST(
        farm.guest().get("/build/" + build + "/download/build.log").header("Content-Security-Policy").find("sandbox") !=
        std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_purpose_that_hangs_holds_up_no_other_of_the_same_server_V3, OneServer)
{
    start();
    const auto stuck = running("stuck");
    server.misbehave({.fault = Fault::Silence, .path = "/download/"});
    server.appendLog(stuck, "x");
    server.finish(stuck, BuildStatus::Completed, {{"stuck-1.0-1-x86_64.pkg.tar.zst", "never comes"}});
    BOOST_TEST_REQUIRE(server.waitForRequests("/download/", 1));
    const auto next = running("next");
    server.appendLog(next, "its log comes");
    BOOST_TEST(waitForStatus(farm.guest(), next, "building", 10s));
    BOOST_TEST(eventually([&] {
        return farm.guest().get("/build/" + next + "/output").body.find("its log comes") != std::string::npos;
    }));
    server.misbehave({.fault = Fault::Silence, .path = "/output"});
    BOOST_TEST(farm.as("alice", kPassword).post("/build/" + next + "/cancel").status == 200);
    BOOST_TEST(waitForStatus(farm.guest(), next, "cancelled", 10s));
}

BOOST_FIXTURE_TEST_CASE(servers_are_asked_at_the_configured_pace_and_logs_are_never_held_open_V5, OneServer)
{
    farm.setProperty("follow.statusInterval", "500ms");
    farm.setProperty("follow.probeInterval", "500ms");
    start();
    const auto build = running("watched");
    BOOST_TEST_REQUIRE(server.waitForRequests("/" + build + "/status-api", 1));
    const auto begin = std::chrono::steady_clock::now();
    const auto statusBefore = requestsWith("/" + build + "/status-api");
    const auto probesBefore = requestsWith("GET / ") + requestsWith("GET /\n");
    BOOST_TEST_REQUIRE(server.waitForRequests("/" + build + "/status-api", static_cast<int>(statusBefore) + 4));
    const auto halves = (std::chrono::steady_clock::now() - begin) / 500ms;
    BOOST_TEST(requestsWith("/" + build + "/status-api") - statusBefore <= static_cast<std::size_t>(halves) + 1);
    BOOST_TEST(requestsWith("GET / ") + requestsWith("GET /\n") - probesBefore <= static_cast<std::size_t>(halves) + 1);
    BOOST_TEST(requestsWith("/stream") == 0u);
}

BOOST_AUTO_TEST_CASE(whatever_somebody_sends_is_one_clean_line_of_the_log_I2)
{
    for (const auto* format : {"text", "json"}) {
        FakeBuildServer server;
        FarmProcess farm{{{"x86_64", server.url()}}, {{"log.format", format}, {"log.level", "debug"}}};
        farm.start();
        const auto token = farm.tokenOf("admin", kPassword);
        server.misbehave(
            {.fault = Fault::Answer,
             .path = "/build",
             .method = "POST",
             .times = 1,
             .status = 400,
             .body = "{\"detail\":\"evil\\r\\n2030-01-01T00:00:00Z INFO forged \\u001b[2J\\u2028\\u202e\"}",
             .headers = {{"content-type", "application/json"}}});
        const auto build = acceptedBuild(submit(farm.admin(), "rejected"));
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "failed");
        farm.guest().postJson("/auth/login",
                              R"({"username":"mal\r\nINFO forged\u001b[31m\u2028\u202e","password":"pw secret"})");
        farm.guest().get("/badge/%E2%80%AEfdp%E2%80%A8x", {{"User-Agent", "tab\tand \xe2\x80\xa8 more"}});
        farm.stop();
        const auto log = farm.log();
        for (const auto* bad : {"\x1b", "\r", "\xe2\x80\xa8", "\xe2\x80\xae", "\nINFO forged", "\n2030-", "pw secret"})
            BOOST_TEST(log.find(bad) == std::string::npos, format);
        BOOST_TEST(log.find(token) == std::string::npos);
        for (std::size_t at = 0; at < log.size(); at = log.find('\n', at) + 1)
            BOOST_TEST((log[at] == (format == std::string("json") ? '{' : '2')), log.substr(at, 200));
    }
}

BOOST_AUTO_TEST_SUITE_END()

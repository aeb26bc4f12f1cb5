// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include <algorithm>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

const std::string kForeign = "0d2c4a3e-7a1c-4c6e-9d57-3f6f0a5b1c01";
const std::string kOther = "0d2c4a3e-7a1c-4c6e-9d57-3f6f0a5b1c02";
const std::string kPackage = "direct-1.0-1-x86_64.pkg.tar.zst";

const std::map<std::string, std::string> kOften{{"discovery.interval", "200ms"}};

bool isListed(const FarmProcess& farm, const std::string& build)
{
    return farm.guest().get("/builds/latest?limit=100").body.find(build) != std::string::npos;
}

void addEnded(FakeBuildServer& server, const std::string& build)
{
    server.addForeignBuild(build, "direct", BuildStatus::Building);
    server.appendLog(build, "made by hand");
    server.finish(build, BuildStatus::Completed, {{kPackage, "the package of " + build}});
}

std::string fileOf(const std::string& build, const std::string& name)
{
    return "/build/" + build + "/download/" + name;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Discovery)

BOOST_AUTO_TEST_CASE(a_build_submitted_to_a_server_directly_is_followed_to_its_end_L11)
{
    FakeBuildServer server("x86_64", 2);
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    server.addForeignBuild(kForeign, "direct", BuildStatus::Building);
    server.appendLog(kForeign, "made by hand");
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }), farm.log());
    const auto target = "/build/" + kForeign + "/status-api";
    const auto status = json(farm.guest().get(target));
    BOOST_TEST(status->getValue<std::string>("status") == "building");
    BOOST_TEST(status->getValue<std::string>("pkgname") == "direct");
    BOOST_TEST(status->getValue<std::string>("server_arch") == "x86_64");
    BOOST_TEST(status->isNull("user_id"));
    BOOST_TEST(farm.guest().get("/dashboard").body.find(kForeign) != std::string::npos);
    const auto output = [&] { return farm.guest().get("/build/" + kForeign + "/output").body; };
    BOOST_TEST(eventually([&] { return output().find("made by hand") != std::string::npos; }));

    server.finish(kForeign, BuildStatus::Completed, {{kPackage, "its content"}});
    BOOST_TEST(waitForEnd(farm.guest(), kForeign, 30s) == "completed");
    BOOST_TEST(farm.guest().get(fileOf(kForeign, kPackage)).body == "its content");
    BOOST_TEST(server.submissions().empty());
}

BOOST_AUTO_TEST_CASE(a_running_build_that_nobody_knows_is_found_without_waiting_for_the_next_look)
{
    FakeBuildServer server("x86_64", 2);
    FarmProcess farm({{"x86_64", server.url()}}, {{"discovery.interval", "1h"}});
    farm.start();
    BOOST_TEST_REQUIRE(server.waitForRequests("/builds/latest", 1));
    server.addForeignBuild(kForeign, "direct", BuildStatus::Building);
    BOOST_TEST(eventually([&] { return isListed(farm, kForeign); }));
}

BOOST_AUTO_TEST_CASE(a_discovered_build_takes_one_slot_and_is_never_sent_anywhere_L4_L11)
{
    FakeBuildServer server("x86_64", 2), other("x86_64", 0);
    FarmProcess farm({{"x86_64", server.url()}, {"x86_64", other.url()}}, kOften);
    server.addForeignBuild(kForeign, "direct", BuildStatus::Building);
    farm.start();
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    const auto mine = acceptedBuild(submit(farm.admin(), "mine"));
    BOOST_TEST(server.waitForAccepted(mine));
    const auto waiting = acceptedBuild(submit(farm.admin(), "waiting"));
    const auto reason = [&] { return member(farm.guest().get("/build/" + waiting + "/status-api"), "waiting_reason"); };
    BOOST_TEST(eventually([&] { return reason().find("full") != std::string::npos; }), reason());

    // Forgotten by its server and found again after a restart of the farm: never a submission.
    farm.kill();
    farm.start();
    server.finish(kForeign, BuildStatus::Failed);
    BOOST_TEST(server.waitForAccepted(waiting));
    BOOST_TEST(waitForEnd(farm.guest(), kForeign, 30s) == "failed");
    BOOST_TEST(!server.acceptedCount().contains(kForeign));
    BOOST_TEST(other.submissions().empty());
}

BOOST_AUTO_TEST_CASE(only_administrators_cancel_a_discovered_build_L11)
{
    FakeBuildServer server("x86_64", 2);
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    const auto admin = farm.admin();
    BOOST_TEST(admin.postJson("/auth/users", R"({"username":"carol","password":"a long password"})").status == 200);
    server.addForeignBuild(kForeign, "direct", BuildStatus::Building);
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    const auto target = "/build/" + kForeign + "/cancel";
    BOOST_TEST(farm.guest().postJson(target, "").status == 401);
    BOOST_TEST(farm.as("carol", "a long password").request("POST", target, "").status == 403);
    BOOST_TEST(admin.request("POST", target, "").status == 200);
    BOOST_TEST(waitForEnd(farm.guest(), kForeign, 30s) == "cancelled");
}

BOOST_AUTO_TEST_CASE(builds_that_ended_on_a_server_enter_the_history_and_their_files_come_when_asked_for)
{
    FakeBuildServer server("x86_64", 2);
    addEnded(server, kForeign);
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    BOOST_TEST(statusOf(farm.guest(), kForeign) == "completed");
    const std::vector<std::string> listed{kPackage};
    BOOST_TEST(packagesOf(farm.guest(), kForeign) == listed);
    const auto downloads = [&] {
        return std::ranges::count_if(server.requests(), [](const auto& r) { return r.find("/download/") != r.npos; });
    };
    BOOST_TEST(downloads() == 0);
    for (int i = 0; i < 2; ++i)
        BOOST_TEST(farm.guest().get(fileOf(kForeign, kPackage)).body == "the package of " + kForeign);
    BOOST_TEST(downloads() == 1);
    BOOST_TEST(farm.guest().get("/build/" + kForeign + "/output").body.find("made by hand") != std::string::npos);
    BOOST_TEST(farm.guest().get(fileOf(kForeign, "PKGBUILD")).status == 404);

    server.goDown();
    BOOST_TEST(farm.guest().get(fileOf(kForeign, kPackage)).body == "the package of " + kForeign);
}

BOOST_AUTO_TEST_CASE(a_known_build_is_never_replaced_by_what_a_server_says_L11)
{
    FakeBuildServer server("x86_64", 2), liar("aarch64", 2);
    FarmProcess farm({{"x86_64", server.url()}, {"aarch64", liar.url()}}, kOften);
    farm.start();
    const auto mine = acceptedBuild(submit(farm.admin(), "mine"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(mine));
    liar.addForeignBuild(mine, "stolen", BuildStatus::Failed);
    liar.addForeignBuild(kOther, "direct", BuildStatus::Completed);
    BOOST_TEST(eventually([&] { return isListed(farm, kOther); }));
    const auto status = farm.guest().get("/build/" + mine + "/status-api");
    BOOST_TEST(member(status, "pkgname") == "mine");
    BOOST_TEST(member(status, "status") == "building");
}

BOOST_AUTO_TEST_CASE(what_a_server_calls_its_builds_is_shown_without_its_address_and_without_markup_Z4_V8)
{
    FakeBuildServer server("x86_64", 2);
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    server.addForeignBuild(kForeign, "from " + server.url() + " <script>alert(1)</script>\n", BuildStatus::Building);
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    const auto html = HttpHeaders{{"Accept", "text/html"}};
    for (const auto& body : {farm.guest().get("/build/" + kForeign + "/status-api").body,
                             farm.guest().get("/builds/latest").body, farm.guest().get("/dashboard", html).body,
                             farm.guest().get("/build/" + kForeign + "/status", html).body}) {
        BOOST_TEST(body.find("127.0.0.1") == std::string::npos, body);
        BOOST_TEST(body.find("[address]") != std::string::npos, body);
    }
    BOOST_TEST(farm.guest().get("/dashboard", html).body.find("<script>alert") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_look_takes_in_few_and_the_next_ones_the_rest_L11)
{
    FakeBuildServer server("x86_64", 2);
    std::vector<std::string> builds;
    for (int i = 10; i < 35; ++i)
        addEnded(server, builds.emplace_back("0d2c4a3e-7a1c-4c6e-9d57-3f6f0a5b1c" + std::to_string(i)));
    FarmProcess farm({{"x86_64", server.url()}}, {{"discovery.interval", "1h"}});
    farm.start();
    for (const auto& build : builds)
        BOOST_TEST(eventually([&] { return isListed(farm, build); }), build);
    const auto requests = server.requests();
    BOOST_TEST(std::ranges::count_if(requests, [](const auto& r) { return r.find("/builds/latest") != r.npos; }) == 3);
}

BOOST_AUTO_TEST_CASE(a_file_is_tried_again_then_looked_for_on_other_servers_and_503_says_that_its_server_is_away)
{
    FakeBuildServer server("x86_64", 2), other("x86_64", 2);
    addEnded(server, kForeign);
    addEnded(server, kOther);
    FarmProcess farm({{"x86_64", server.url()}, {"x86_64", other.url()}}, kOften);
    farm.start();
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign) && isListed(farm, kOther); }));
    server.misbehave({.fault = Fault::ResetBefore, .path = "/download/", .times = 2});
    BOOST_TEST(farm.guest().get(fileOf(kForeign, kPackage)).body == "the package of " + kForeign);

    server.goDown();
    const auto away = farm.guest().get(fileOf(kOther, kPackage));
    BOOST_TEST(away.status == 503);
    BOOST_TEST(!away.header("Retry-After").empty());
    BOOST_TEST(away.body.find("127.0.0.1") == std::string::npos);
    addEnded(other, kOther);
    BOOST_TEST(farm.guest().get(fileOf(kOther, kPackage)).body == "the package of " + kOther);
}

BOOST_AUTO_TEST_CASE(what_no_server_has_is_not_asked_for_again_and_again)
{
    FakeBuildServer server("x86_64", 2);
    server.addForeignBuild(kForeign, "direct", BuildStatus::Cancelled);
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    for (int i = 0; i < 5; ++i) {
        BOOST_TEST(farm.guest().get("/build/" + kForeign + "/output").status == 200);
        BOOST_TEST(farm.guest().get(fileOf(kForeign, "build.log")).status == 404);
    }
    const auto requests = server.requests();
    BOOST_TEST(std::ranges::count_if(requests, [](const auto& r) { return r.find("/download/") != r.npos; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_real_server_is_looked_into_as_well)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}}, kOften);
    farm.start();
    const auto sent = HttpClient(server.port()).multipart(
        "/build", {{"build_id", kForeign}, {"build_tarball", tarballOf(pkgbuild("direct")), "build.tar.gz", "application/gzip"}});
    BOOST_TEST_REQUIRE(sent.status == 200, sent.body);
    BOOST_TEST_REQUIRE(eventually([&] { return isListed(farm, kForeign); }));
    BOOST_TEST(waitForEnd(farm.guest(), kForeign) == "completed");
    const auto packages = packagesOf(farm.guest(), kForeign);
    BOOST_TEST_REQUIRE(packages.size() == 1u);
    BOOST_TEST(farm.guest().get(fileOf(kForeign, packages.front())).status == 200);
    BOOST_TEST(farm.guest().get("/build/" + kForeign + "/output").body.find("direct") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

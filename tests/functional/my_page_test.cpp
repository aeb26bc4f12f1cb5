// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include <regex>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::vector<std::string> sessionsOn(const std::string& html)
{
    static const std::regex named("/auth/my/sessions/([0-9]+)");
    std::vector<std::string> ids;
    for (std::sregex_iterator at(html.begin(), html.end(), named), end; at != end; ++at)
        ids.push_back((*at)[1]);
    return ids;
}

HttpAnswer preview(const HttpClient& client, const std::string& pkgbuildText)
{
    return client.multipart("/submit/preview", {{"build_tarball", tarballOf(pkgbuildText), "a.tar.gz", "application/gzip"}});
}

struct OwnPages {
    OwnPages() { startWithUsers(farm); }

    FakeBuildServer server{"x86_64", 2};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(MyPage)

BOOST_FIXTURE_TEST_CASE(own_pages_are_for_those_who_are_signed_in, OwnPages)
{
    for (const auto* target : {"/my", "/my/fragment", "/submit"}) {
        BOOST_TEST(farm.guest().get(target).status == 401, target);
        BOOST_TEST(farm.as("alice", "admin123").get(target).status == 200, target);
    }
    const auto asked = farm.guest().get("/my", {{"Accept", "text/html"}});
    BOOST_TEST(has(asked.body, "href=\"/login?build=my\""));
}

BOOST_FIXTURE_TEST_CASE(it_shows_own_builds_and_those_that_failed_and_were_not_built_since, OwnPages)
{
    const auto alice = farm.as("alice", "admin123");
    server.finishAtOnce(BuildStatus::Failed);
    const auto mine = acceptedBuild(submit(alice, "mine"));
    BOOST_TEST_REQUIRE(waitForEnd(alice, mine) == "failed");
    acceptedBuild(submit(farm.as("bob", "admin123"), "his"));
    const auto before = alice.get("/my").body;
    BOOST_TEST(has(before, "Needs your attention"));
    BOOST_TEST(!has(before, ">his ("));
    server.finishAtOnce(BuildStatus::Completed);
    BOOST_TEST_REQUIRE(waitForEnd(alice, acceptedBuild(submit(alice, "mine"))) == "completed");
    BOOST_TEST(!has(alice.get("/my").body, "Needs your attention"));
}

BOOST_FIXTURE_TEST_CASE(other_sessions_can_be_ended_one_by_one_and_nobody_elses_U7, OwnPages)
{
    const auto alice = farm.as("alice", "admin123");
    const auto login = HttpClient(farm.port()).postJson("/auth/login", R"({"username":"alice","password":"admin123"})");
    HttpClient second(farm.port());
    second.always("Authorization", "Bearer " + member(login, "token"));
    const auto sessions = sessionsOn(alice.get("/my").body);
    BOOST_TEST_REQUIRE(sessions.size() == 1u);
    const auto address = "/auth/my/sessions/" + sessions[0];
    BOOST_TEST(farm.as("bob", "admin123").request("DELETE", address, "").status == 404);
    BOOST_TEST(second.get("/auth/me").status == 200);
    BOOST_TEST(alice.request("DELETE", address, "").status == 200);
    BOOST_TEST(second.get("/auth/me").status == 401);
    BOOST_TEST(alice.get("/auth/me").status == 200);
    BOOST_TEST(alice.request("DELETE", address, "").status == 404);
}

BOOST_FIXTURE_TEST_CASE(a_preview_tells_what_the_farm_reads_and_keeps_nothing, OwnPages)
{
    const auto alice = farm.as("alice", "admin123");
    const auto answer = preview(alice, pkgbuild("looked-at", "'x86_64' 'aarch64'"));
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto read = json(answer);
    BOOST_TEST(read->getValue<std::string>("pkgname") == "looked-at");
    BOOST_TEST(read->getValue<std::string>("version") == "1.0-1");
    BOOST_TEST(read->getArray("architectures")->size() == 2u);
    BOOST_TEST(read->getArray("available_architectures")->size() == 1u);
    BOOST_TEST(!has(alice.get("/my").body, "looked-at"));
    BOOST_TEST(preview(alice, "nothing").status == 400);
    BOOST_TEST(preview(farm.guest(), pkgbuild("x")).status == 401);
}

BOOST_AUTO_TEST_SUITE_END()

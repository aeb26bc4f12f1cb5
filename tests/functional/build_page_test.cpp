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

struct PagesOfAFarm {
    PagesOfAFarm() { startWithUsers(farm); }

    std::string failed(const HttpClient& client, const std::string& name)
    {
        const auto build = acceptedBuild(submit(client, name));
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        for (const auto* line : {"==> Starting build()...", "x.c:1: error: <b>no</b>", "==> ERROR: A failure occurred"})
            server.appendLog(build, line);
        server.finish(build, BuildStatus::Failed);
        BOOST_TEST_REQUIRE(waitForEnd(client, build) == "failed");
        return build;
    }

    FakeBuildServer server{"x86_64", 2};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildPages)

BOOST_FIXTURE_TEST_CASE(a_build_can_be_built_again_from_the_sources_that_were_uploaded, PagesOfAFarm)
{
    const auto alice = farm.as("alice", "admin123");
    const auto before = failed(alice, "again");
    const auto answer = alice.post("/build/" + before + "/rebuild");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto after = member(answer, "build_id");
    BOOST_TEST(after != before);
    BOOST_TEST_REQUIRE(server.waitForAccepted(after));
    std::string digests;
    for (const auto& submission : server.submissions())
        digests += submission.payloadDigest + " ";
    BOOST_TEST(server.submissions().at(0).payloadDigest == server.submissions().at(1).payloadDigest, digests);
    server.finish(after, BuildStatus::Completed, {{"again-1.0-1-x86_64.pkg.tar.zst", "content"}});
    BOOST_TEST(waitForEnd(alice, after) == "completed");
}

BOOST_FIXTURE_TEST_CASE(only_the_owner_and_administrators_build_again_and_only_what_has_ended_Z2, PagesOfAFarm)
{
    const auto admin = farm.admin();
    const auto foreign = failed(admin, "foreign");
    const auto address = "/build/" + foreign + "/rebuild";
    BOOST_TEST(farm.guest().post(address).status == 401);
    BOOST_TEST(farm.as("alice", "admin123").post(address).status == 403);
    BOOST_TEST(admin.post("/build/00000000-0000-4000-8000-000000000000/rebuild").status == 404);
    const auto running = acceptedBuild(submit(admin, "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    BOOST_TEST(admin.post("/build/" + running + "/rebuild").status == 409);
}

BOOST_FIXTURE_TEST_CASE(outline_search_and_compressed_log_are_for_those_who_see_whole_logs_Z6, PagesOfAFarm)
{
    const auto alice = farm.as("alice", "admin123");
    const auto build = failed(alice, "logged");
    const auto outline = json(alice.get("/build/" + build + "/outline"));
    const auto firstError = outline->getValue<int>("first_error");
    BOOST_TEST(firstError > 0);
    BOOST_TEST(outline->getValue<int>("failure") == firstError + 1);
    const auto found = json(alice.get("/build/" + build + "/search?q=ERROR%3A"));
    BOOST_TEST(found->getArray("lines")->size() == 2u);
    const auto packed = alice.get("/build/" + build + "/build.log.gz");
    BOOST_TEST(packed.status == 200);
    BOOST_TEST(packed.body.substr(0, 2) == "\x1f\x8b");
    for (const auto* rest : {"outline", "search?q=x", "build.log.gz"})
        BOOST_TEST(farm.guest().get("/build/" + build + "/" + rest).status == 401, rest);
    BOOST_TEST(alice.get("/build/" + build + "/search?q=").status == 400);
}

BOOST_FIXTURE_TEST_CASE(the_page_of_a_failed_build_says_why_and_escapes_it_W1, PagesOfAFarm)
{
    const auto alice = farm.as("alice", "admin123");
    const auto html = alice.get("/build/" + failed(alice, "why") + "/status").body;
    BOOST_TEST(has(html, "The first error"));
    BOOST_TEST(has(html, "x.c:1: error: &lt;b&gt;no&lt;/b&gt;"));
    BOOST_TEST(!has(html, "<b>no"));
}

BOOST_FIXTURE_TEST_CASE(open_pages_hear_of_changes_and_of_nothing_that_is_secret_Z4, PagesOfAFarm)
{
    EventStreamClient events(farm.guest(), "/events", {});
    BOOST_TEST_REQUIRE(events.head().status == 200);
    const auto build = acceptedBuild(submit(farm.as("alice", "admin123"), "heard"));
    std::string heard;
    while (!has(heard, build)) {
        const auto event = events.next();
        BOOST_TEST_REQUIRE(event.has_value());
        BOOST_TEST(event->type == "changed");
        heard += event->data + " ";
    }
    BOOST_TEST(!has(heard, "127.0.0.1"));
}

BOOST_AUTO_TEST_SUITE_END()

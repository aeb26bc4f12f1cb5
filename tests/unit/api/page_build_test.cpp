// SPDX-License-Identifier: MIT
#include "page_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using test::has;

namespace {

struct BuildPage : test::PageFarm {
    std::string of(const BuildId& id, const Principal* who = nullptr)
    {
        const auto answer = ask("/build/" + id + "/status", who);
        BOOST_TEST(answer.status == 200);
        return answer.body;
    }
    void writeLog(const BuildId& id, int lines)
    {
        std::vector<std::string> log;
        for (int i = 0; i < lines; ++i)
            log.push_back("line-" + std::to_string(i) + "-");
        logs.append(id, 0, log);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(PageOfABuild)

BOOST_FIXTURE_TEST_CASE(it_is_a_page_by_default_and_the_documented_json_on_request, BuildPage)
{
    const auto id = add(BuildState::Completed).id;
    BOOST_TEST(has(of(id), "<!doctype html>"));
    const auto json = ask("/build/" + id + "/status?format=json");
    BOOST_TEST(json.contentType == "application/json");
    BOOST_TEST(json.body == api::json::status(reader.details(id)));
    BOOST_TEST(ask("/build/" + id + "/status?format=html").contentType == "text/html; charset=utf-8");
    BOOST_TEST(ask("/build/" + id + "/status?format=xml").status == 400);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_build_is_a_page_with_404_but_an_error_for_json, BuildPage)
{
    for (const auto& id : {util::randomUuid(), std::string("x"), std::string("%3Cb%3E")}) {
        const auto answer = ask("/build/" + id + "/status");
        BOOST_TEST(answer.status == 404);
        BOOST_TEST(answer.contentType == "text/html; charset=utf-8");
        BOOST_TEST(has(answer.body, "Build not found"));
        BOOST_CHECK_THROW(ask("/build/" + id + "/status?format=json"), NotFound);
    }
}

BOOST_FIXTURE_TEST_CASE(a_waiting_build_tells_its_place_and_why_it_waits, BuildPage)
{
    queue.add(add(BuildState::Queued));
    const auto build = add(BuildState::Queued);
    queue.add(build);
    queue.setReason(build.id, "waiting for a free slot");
    const auto html = of(build.id);
    BOOST_TEST(has(html, "<dd>2 of 2</dd>"));
    BOOST_TEST(has(html, "waiting for a free slot"));
    BOOST_TEST(has(html, ">queued<"));
    BOOST_TEST(has(html, "<li class=\"step-idle\" aria-current=\"step\">waiting</li>"));
}

BOOST_FIXTURE_TEST_CASE(a_build_whose_server_is_silent_says_so, BuildPage)
{
    auto& build = add(BuildState::LostContact);
    build.serverAvailable = false;
    build.lastStatusUpdate = fromEpoch(1'700'000'000);
    const auto html = of(build.id);
    BOOST_TEST(has(html, ">building<"));
    BOOST_TEST(has(html, "It may still be building."));
    BOOST_TEST(has(html, "at <time datetime=\"2023-11-14T22:13:20Z\">2023-11-14 22:13:20 UTC</time>"));
}

BOOST_FIXTURE_TEST_CASE(a_finished_build_lists_its_files_with_size_and_digest, BuildPage)
{
    auto& build = add(BuildState::Completed);
    build.startedAt = clock.wall();
    build.endedAt = clock.wall() + std::chrono::seconds(100);
    const std::string digest(64, 'a');
    store.files.push_back({build.id, "hello-2:1.0-2-x86_64.pkg.tar.zst", 1536, digest, "application/zstd", {}});
    const auto html = of(build.id);
    BOOST_TEST(has(html, "href=\"/build/" + build.id + "/download/hello-2%3A1.0-2-x86_64.pkg.tar.zst\">hello-2:1.0-2"));
    BOOST_TEST(has(html, "1.5 KiB"));
    BOOST_TEST(has(html, digest));
    BOOST_TEST(has(html, "1 min 40 s"));
    BOOST_TEST(!has(html, "data-since"));
}

BOOST_FIXTURE_TEST_CASE(what_a_build_needed_of_memory_is_shown_when_its_server_said_it, BuildPage)
{
    auto& build = add(BuildState::Completed);
    build.serverRecord = R"({"status":"completed","exit_code":0,"peak_memory":1288490189,"server_memory":8589934592})";
    BOOST_TEST(has(of(build.id), "<dd>at most 1.2 GiB</dd>"));
    BOOST_TEST(has(api::json::status(reader.details(build.id)), R"("exit_code":0,"peak_memory":1288490189)"));
    for (const std::string lie : {"-1", "1e300", "\"1288490189\"", "true", "[]", "0.5", "9223372036854775807"}) {
        build.serverRecord = R"({"status":"completed","exit_code":0,"peak_memory":)" + lie + "}";
        BOOST_TEST(!has(of(build.id), "<dt>Memory</dt>"), lie);
        const auto json = api::json::status(reader.details(build.id));
        BOOST_TEST(has(json, R"("exit_code":0)"), lie);
        BOOST_TEST(!has(json, "peak_memory"), lie);
    }
}

BOOST_FIXTURE_TEST_CASE(builds_of_the_same_submission_are_linked, BuildPage)
{
    auto one = add(BuildState::Completed).id, two = add(BuildState::Failed).id, other = add(BuildState::Failed, "other").id;
    store.builds[0].submissionGroup = store.builds[1].submissionGroup = "g";
    const auto html = of(one);
    BOOST_TEST(has(html, "/build/" + two + "/status"));
    BOOST_TEST(!has(html, other));
}

BOOST_FIXTURE_TEST_CASE(Z6_guests_see_the_last_hundred_lines_of_a_log, BuildPage)
{
    const auto alice = as("alice", Role::User);
    const auto id = add(BuildState::Failed).id;
    writeLog(id, 150);
    const auto guest = of(id), user = of(id, &alice);
    BOOST_TEST(has(guest, "<span class=\"row\" id=\"L51\"><a class=\"nr\" href=\"#L51\" tabindex=\"-1\">51</a>line-50-"));
    BOOST_TEST(has(guest, "data-first=\"50\" data-total=\"150\""));
    BOOST_TEST(has(user, "data-first=\"0\" data-total=\"150\" data-outline=\"yes\""));
    BOOST_TEST(has(guest, "line-149-"));
    BOOST_TEST(!has(guest, "line-49-"));
    BOOST_TEST(has(guest, "the last 100 of 150 lines"));
    BOOST_TEST(has(guest, "/login?build=" + id));
    BOOST_TEST(!has(guest, "build.log"));
    BOOST_TEST(has(user, "line-0-"));
    BOOST_TEST(has(user, "/build/" + id + "/download/build.log"));
}

BOOST_FIXTURE_TEST_CASE(the_live_log_goes_on_after_the_last_line_on_the_page, BuildPage)
{
    const auto live = add(BuildState::Building).id, over = add(BuildState::Completed).id;
    writeLog(live, 7);
    BOOST_TEST(has(of(live), "data-address=\"/build/" + live + "\" data-first=\"0\" data-total=\"7\" data-live=\"yes\""));
    BOOST_TEST(!has(of(over), "data-total=\"0\" data-live"));
}

BOOST_FIXTURE_TEST_CASE(empty_lines_of_a_log_are_kept, BuildPage)
{
    const auto id = add(BuildState::Failed).id;
    logs.append(id, 0, std::vector<std::string>{"a", "", "  b", ""});
    const auto html = of(id);
    for (const auto* row : {">1</a>a</span>", ">2</a></span>", ">3</a>  b</span>", ">4</a></span>"})
        BOOST_TEST(has(html, row), row);
}

BOOST_FIXTURE_TEST_CASE(Z2_the_cancel_button_is_for_the_owner_and_administrators_while_it_helps, BuildPage)
{
    const auto alice = as("alice", Role::User), bob = as("bob", Role::User), admin = as("root", Role::Admin);
    auto& build = add(BuildState::Building);
    build.owner = alice.id;
    const auto button = "data-to=\"/build/" + build.id + "/cancel\"";
    BOOST_TEST(has(of(build.id, &alice), button));
    BOOST_TEST(has(of(build.id, &alice), "Cancel hello (1.0-2) for x86_64?"));
    BOOST_TEST(has(of(build.id, &admin), button));
    BOOST_TEST(!has(of(build.id, &bob), "cancel-dialog"));
    BOOST_TEST(!has(of(build.id), "cancel-dialog"));
    for (const auto state : {BuildState::Cancelling, BuildState::Completed, BuildState::Cancelled}) {
        build.state = state;
        BOOST_TEST(!has(of(build.id, &alice), "cancel-dialog"));
    }
}

BOOST_FIXTURE_TEST_CASE(the_release_button_is_for_administrators_while_nobody_knows_who_has_the_build_L3, BuildPage)
{
    const auto alice = as("alice", Role::User), admin = as("root", Role::Admin);
    auto& build = add(BuildState::Assigning);
    build.owner = alice.id;
    BOOST_TEST(!has(of(build.id, &admin), "release-dialog"));
    build.uncertain = true;
    BOOST_TEST(has(of(build.id, &admin), "data-to=\"/admin/builds/" + build.id + "/release\""));
    BOOST_TEST(!has(of(build.id, &alice), "release-dialog"));
}

BOOST_FIXTURE_TEST_CASE(a_failed_build_shows_its_first_error_and_the_lines_before_the_end_on_top, BuildPage)
{
    const auto alice = as("alice", Role::User);
    const auto id = add(BuildState::Failed).id;
    std::vector<std::string> lines{"==> Starting build()..."};
    for (int i = 0; i < 40; ++i)
        lines.push_back("cc -c part" + std::to_string(i));
    lines.push_back("main.c:3:1: error: <script>alert(1)</script>");
    for (int i = 0; i < 200; ++i)
        lines.push_back("later " + std::to_string(i));
    lines.push_back("\x1b[31m==> ERROR:\x1b[0m A failure occurred in build().");
    logs.append(id, 0, lines);
    const auto user = of(id, &alice), guest = of(id);
    const auto top = user.substr(0, user.find("id=\"log\""));
    BOOST_TEST(has(top, "The first error"));
    BOOST_TEST(has(top, "href=\"#L42\">42</a>main.c:3:1: error: &lt;script&gt;"));
    BOOST_TEST(has(top, "cc -c part39"));
    BOOST_TEST(has(top, "later 199"));
    BOOST_TEST(has(top, "==&gt; ERROR: A failure occurred in build()."));
    BOOST_TEST(!has(guest, "main.c:3:1"));
    BOOST_TEST(has(guest, "Before it failed"));
    BOOST_TEST(!has(of(add(BuildState::Completed).id), "Before it failed"));
}

BOOST_FIXTURE_TEST_CASE(a_running_build_shows_its_phase_and_how_long_it_usually_takes, BuildPage)
{
    for (const int minutes : {4, 50, 10}) {
        auto& earlier = add(BuildState::Completed);
        earlier.startedAt = clock.wall();
        earlier.endedAt = clock.wall() + std::chrono::minutes(minutes);
    }
    auto& build = add(BuildState::Building);
    build.startedAt = clock.wall();
    logs.append(build.id, 0, std::vector<std::string>{"==> Making package: hello", "==> Starting check()...", "ok"});
    const auto html = of(build.id);
    BOOST_TEST(has(html, "<dt>Phase</dt><dd>Starting check()...</dd>"));
    BOOST_TEST(has(html, "usually about 10 min"));
    BOOST_TEST(has(html, "Earlier builds of hello for x86_64"));
}

BOOST_FIXTURE_TEST_CASE(Z2_building_again_is_offered_to_the_owner_and_administrators_when_a_build_has_ended, BuildPage)
{
    const auto alice = as("alice", Role::User), bob = as("bob", Role::User), admin = as("root", Role::Admin);
    auto& build = add(BuildState::Failed);
    build.owner = alice.id;
    BOOST_TEST(!has(of(build.id, &alice), "rebuild-dialog"));   // submitted elsewhere: the farm has no sources
    build.payload = "digest";
    BOOST_TEST(has(of(build.id, &alice), "data-to=\"/build/" + build.id + "/rebuild\""));
    BOOST_TEST(has(of(build.id, &admin), "rebuild-dialog"));
    BOOST_TEST(!has(of(build.id, &bob), "rebuild-dialog"));
    BOOST_TEST(!has(of(build.id), "rebuild-dialog"));
    build.state = BuildState::Building;
    BOOST_TEST(!has(of(build.id, &alice), "rebuild-dialog"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "page_fixture.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <regex>

using namespace apbfarm;
using test::has;

namespace {

constexpr auto kHostile = R"("><script>alert('x')</script><img src=x onerror=alert(1)>)";

/// Whether something of the payload could act: a tag that begins, or an attribute that was left.
bool isSafe(const std::string& html)
{
    return !has(html, "<script>alert") && !has(html, "<img") && !has(html, "\"><script");
}

std::string bodyOf(const test::MemoryResponse& response)
{
    BOOST_TEST(response.status == 200);
    BOOST_TEST(response.contentType == "text/html; charset=utf-8");
    return response.body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(PageRoutes)

BOOST_FIXTURE_TEST_CASE(the_root_leads_to_the_dashboard, test::PageFarm)
{
    const auto answer = ask("/");
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(answer.all("Location")[0] == "/dashboard");
}

BOOST_FIXTURE_TEST_CASE(the_dashboard_shows_servers_by_architecture_with_their_state_in_words, test::PageFarm)
{
    fleet::ServerInfo info;
    info.architecture = "x86_64";
    info.version = "2025-07-16";
    info.slots = 4;
    fleet.reported(first, info);
    for (int i = 0; i < 20; ++i)
        fleet.failed(second, {fleet::Failure::NotSent, 0, "refused by 10.9.8.7", {}});
    auto& running = add(BuildState::Building, "linux");
    running.startedAt = clock.wall() - std::chrono::seconds(65);
    fleet.occupy(first, running.id);
    const auto html = bodyOf(ask("/dashboard"));
    BOOST_TEST(html.find("<h3>aarch64") < html.find("<h3>x86_64"));
    BOOST_TEST(has(html, "bui---7"));
    BOOST_TEST(has(html, ">online<"));
    BOOST_TEST(has(html, ">offline<"));
    BOOST_TEST(has(html, "1 of 4 slots in use"));
    BOOST_TEST(has(html, "href=\"/build/" + running.id + "/status\">linux (1.0-2)</a>"));
    BOOST_TEST(has(html, "1 min 05 s"));
}

BOOST_FIXTURE_TEST_CASE(at_most_three_running_builds_of_a_server_are_shown, test::PageFarm)
{
    for (int i = 0; i < 5; ++i)
        fleet.occupy(first, add(BuildState::Building).id);
    BOOST_TEST(has(bodyOf(ask("/dashboard/fragment")), "and 2 more"));
}

BOOST_FIXTURE_TEST_CASE(the_queue_is_shown_in_order_with_the_reason_of_each, test::PageFarm)
{
    const auto one = add(BuildState::Queued, "one"), two = add(BuildState::Queued, "two");
    queue.add(one);
    queue.add(two);
    queue.setReason(two.id, "waiting: both x86_64 servers are full");
    const auto html = bodyOf(ask("/dashboard"));
    const auto list = html.substr(html.find("id=\"queue\""));
    BOOST_TEST(list.find("one (1.0-2)") < list.find("two (1.0-2)"));
    BOOST_TEST(has(list, "waiting: both x86_64 servers are full"));
}

BOOST_FIXTURE_TEST_CASE(parts_of_the_dashboard_have_addresses_of_their_own, test::PageFarm)
{
    for (int i = 0; i < 25; ++i)
        add(BuildState::Completed, "p" + std::to_string(i));
    BOOST_TEST(has(bodyOf(ask("/dashboard/servers")), "bui---7"));
    for (const char* address : {"/dashboard/builds", "/dashboard/builds/1"})
        BOOST_TEST(has(bodyOf(ask(address)), "p24 (1.0-2)"), address);
    BOOST_TEST(bodyOf(ask("/dashboard/builds/2")) == bodyOf(ask("/dashboard/builds?page=2")));
    BOOST_TEST(ask("/dashboard/anything").status == 404);
    for (const char* wrong : {"0", "-1", "x", "50001"})
        BOOST_TEST(ask(std::string("/dashboard/builds/") + wrong).status == 400, wrong);
}

BOOST_FIXTURE_TEST_CASE(bookmarks_of_older_farms_lead_to_where_the_page_is_now, test::PageFarm)
{
    const std::map<std::string, std::string> moved{
        {"/dashboard?tab=builds&page=3", "/dashboard/builds/3"},
        {"/dashboard?page=7&tab=builds", "/dashboard/builds/7"},
        {"/dashboard?tab=builds", "/dashboard/builds"},
        {"/dashboard?tab=servers&page=2", "/dashboard/servers"},
        {"/dashboard?tab=statistics", "/dashboard/statistics"},
    };
    for (const auto& [from, to] : moved) {
        const auto answer = ask(from);
        BOOST_TEST(answer.status == 301);
        BOOST_TEST(answer.all("Location") == std::vector{to}, boost::test_tools::per_element());
    }
    BOOST_TEST(ask("/dashboard?tab=%2f%2fevil.example").status == 404);
    BOOST_TEST(ask("/dashboard?tab=builds&page=0").status == 400);
}

BOOST_FIXTURE_TEST_CASE(recent_builds_come_twenty_to_a_page, test::PageFarm)
{
    for (int i = 0; i < 41; ++i)
        add(BuildState::Completed, "p" + std::to_string(i) + "x");
    const auto first = bodyOf(ask("/dashboard")), last = bodyOf(ask("/dashboard?page=3"));
    BOOST_TEST(has(first, "p40x (1.0-2)"));
    BOOST_TEST(has(first, "p21x"));
    BOOST_TEST(!has(first, "p20x"));
    BOOST_TEST(has(first, "href=\"/dashboard?page=2\""));
    BOOST_TEST(has(last, "p0x"));
    BOOST_TEST(!has(last, "Older"));
    for (const auto* wrong : {"0", "-1", "x", "99999999999999999999", "1.5"}) {
        const auto answer = ask(std::string("/dashboard?page=") + wrong);
        BOOST_TEST(answer.status == 400);
        BOOST_TEST(answer.contentType == "text/html; charset=utf-8");
    }
}

BOOST_FIXTURE_TEST_CASE(lists_of_builds_show_what_the_address_asks_for, test::PageFarm)
{
    const auto alice = as("alice", Role::User);
    add(BuildState::Failed, "mine").owner = alice.id;
    add(BuildState::Completed, "other");
    add(BuildState::Failed, "elsewhere").architecture = "aarch64";
    const auto shown = [&](const std::string& query, const Principal* who = nullptr) {
        const auto html = bodyOf(ask("/dashboard/builds?" + query, who));
        std::string names;
        for (const auto* name : {"mine", "other", "elsewhere"})
            names += has(html, std::string(">") + name + " (") ? std::string(name) + " " : "";
        return names;
    };
    BOOST_TEST(shown("status=failed") == "mine elsewhere ");
    BOOST_TEST(shown("package=other") == "other ");
    BOOST_TEST(shown("status=failed&arch=aarch64") == "elsewhere ");
    BOOST_TEST(shown("user=alice", &alice) == "mine ");
    BOOST_TEST(shown("user=nobody", &alice) == "");
    BOOST_TEST(ask("/dashboard/builds?user=alice").status == 401);
    BOOST_TEST(ask("/dashboard/builds?status=odd").status == 400);
}

BOOST_FIXTURE_TEST_CASE(filters_stay_when_leafing, test::PageFarm)
{
    for (int i = 0; i < 21; ++i)
        add(BuildState::Failed, "a&b");
    const auto html = bodyOf(ask("/dashboard/builds?status=failed&package=a%26b"));
    BOOST_TEST(has(html, "href=\"/dashboard/builds?page=2&amp;status=failed&amp;package=a%26b\""));
    BOOST_TEST(has(html, "value=\"a&amp;b\""));
    BOOST_TEST(has(html, "<option value=\"failed\" selected>"));
}

BOOST_FIXTURE_TEST_CASE(the_queue_shows_estimates_from_earlier_builds, test::PageFarm)
{
    for (const int minutes : {4, 50, 10}) {
        auto& earlier = add(BuildState::Completed, "linux");
        earlier.startedAt = clock.wall();
        earlier.endedAt = clock.wall() + std::chrono::minutes(minutes);
    }
    fleet::ServerInfo info;
    info.architecture = "x86_64";
    info.slots = 1;
    fleet.reported(first, info);
    auto& running = add(BuildState::Building, "linux");
    running.startedAt = clock.wall() - std::chrono::minutes(7);
    fleet.occupy(first, running.id);
    for (const auto* name : {"linux", "unheard-of", "linux"})
        queue.add(add(BuildState::Queued, name));
    const auto html = bodyOf(ask("/dashboard/fragment"));
    BOOST_TEST(has(html, "usually about 10 min"));
    BOOST_TEST(has(html, "starts in about 3 min"));
    BOOST_TEST(has(html, "starts in about 13 min"));
    // Behind a build of unknown length nobody knows.
    BOOST_TEST(html.find("starts in", html.find("unheard-of")) == html.rfind("starts in"));
}

BOOST_FIXTURE_TEST_CASE(time_outs_that_are_not_the_usual_one_are_shown, test::PageFarm)
{
    auto& running = add(BuildState::Building);
    running.timeout = std::chrono::minutes(10);
    fleet.occupy(first, running.id);
    BOOST_TEST(has(bodyOf(ask("/dashboard")), "time-out 10 min 00 s"));
    store.builds.back().timeout = std::chrono::hours(2);
    BOOST_TEST(!has(bodyOf(ask("/dashboard")), "time-out"));
}

BOOST_FIXTURE_TEST_CASE(the_matrix_shows_the_last_result_of_each_package_by_architecture, test::PageFarm)
{
    add(BuildState::Failed, "hello");
    const auto last = add(BuildState::Completed, "hello").id;
    add(BuildState::Cancelled, "other").architecture = "aarch64";
    const auto html = bodyOf(ask("/dashboard/packages"));
    BOOST_TEST(has(html, "<th scope=\"col\">aarch64</th>"));
    BOOST_TEST(has(html, "href=\"/build/" + last + "/status\""));
    BOOST_TEST(!has(html, ">failed<"));
    BOOST_TEST(has(html, ">cancelled<"));
    BOOST_TEST(!has(bodyOf(ask("/dashboard/packages?package=hello")), ">other<"));
}

BOOST_FIXTURE_TEST_CASE(badges_and_feed_tell_results_and_escape_names, test::PageFarm)
{
    const auto id = add(BuildState::Failed, kHostile).id;
    add(BuildState::Completed, "hello").reason = kHostile;
    const auto badge = ask("/badge/hello"), unknown = ask("/badge/none"), bad = ask("/build/" + id + "/badge.svg");
    BOOST_TEST(badge.contentType == "image/svg+xml");
    BOOST_TEST(has(badge.body, "hello: completed"));
    BOOST_TEST(has(unknown.body, "none: unknown"));
    BOOST_TEST(isSafe(bad.body));
    const auto feed = ask("/builds.atom?status=completed");
    BOOST_TEST(feed.contentType == "application/atom+xml; charset=utf-8");
    BOOST_TEST(has(feed.body, "<title>hello (1.0-2) for x86_64: completed</title>"));
    BOOST_TEST(!has(feed.body, id));
    BOOST_TEST(isSafe(feed.body));
}

BOOST_FIXTURE_TEST_CASE(users_are_named_to_those_who_are_signed_in_only, test::PageFarm)
{
    const auto alice = as("alice", Role::User);
    add(BuildState::Completed).owner = alice.id;
    for (const auto* list : {"/dashboard/fragment/builds", "/dashboard", "/dashboard/builds"}) {
        BOOST_TEST(!has(bodyOf(ask(list)), "alice"));
        BOOST_TEST(has(bodyOf(ask(list, &alice)), ">alice</td>"));
    }
    store.builds.back().owner = 77;
    BOOST_TEST(has(bodyOf(ask("/dashboard/builds", &alice)), "deleted account"));
}

BOOST_FIXTURE_TEST_CASE(W7_without_script_the_dashboard_loads_itself_again, test::PageFarm)
{
    const std::string refresh = R"(<noscript><meta http-equiv="refresh" content="10"></noscript>)";
    BOOST_TEST(has(bodyOf(ask("/dashboard")), refresh));
    const auto live = add(BuildState::Building).id, over = add(BuildState::Failed).id;
    BOOST_TEST(has(bodyOf(ask("/build/" + live + "/status")), refresh));
    BOOST_TEST(!has(bodyOf(ask("/build/" + over + "/status")), refresh));
}

BOOST_FIXTURE_TEST_CASE(W1_hostile_texts_do_nothing_on_any_page, test::PageFarm)
{
    const auto admin = as(kHostile, Role::Admin);
    fleet::ServerInfo info;
    info.architecture = kHostile;
    info.version = kHostile;
    info.document = R"({"system_info":{"uptime":"<script>alert(2)</script>"}})";
    fleet.reported(first, info);
    fleet.failed(second, {fleet::Failure::Unclear, 0, kHostile, {}});
    auto& running = add(BuildState::Building, kHostile);
    running.owner = admin.id;
    running.pkgver = running.epoch = running.architecture = running.reason = kHostile;
    running.submissionGroup = "g";
    running.server = first;
    fleet.occupy(first, running.id);
    const auto id = running.id;
    auto& waiting = add(BuildState::Queued, kHostile);
    waiting.submissionGroup = "g";
    waiting.architecture = kHostile;
    queue.add(waiting);
    queue.setReason(waiting.id, kHostile);
    const auto waitingId = waiting.id;
    const auto over = add(BuildState::Failed, kHostile).id;
    store.files.push_back({over, kHostile, 5, kHostile, "text/html", {}});
    store.tries.push_back({id, 1, kHostile, {}, {}, kHostile});
    logs.append(over, 0, std::vector<std::string>{kHostile, "</pre><script>alert(3)</script>"});
    for (const auto& target : {std::string("/dashboard"), std::string("/dashboard/builds"),
                               std::string("/dashboard/packages"), "/build/" + id + "/status",
                               "/build/" + waitingId + "/status",
                               "/build/" + over + "/status", "/build/" + id + "/fragment"}) {
        for (const auto* who : {&admin, static_cast<const Principal*>(nullptr)}) {
            const auto html = bodyOf(ask(target, who));
            BOOST_TEST(isSafe(html), target);
            BOOST_TEST(!has(html, "<script>alert("), target);
            BOOST_TEST(has(html, "&lt;script&gt;alert(&apos;x&apos;)"), target);
        }
    }
    const auto login = post(test::MemoryRequest("POST", "/login"), "username=%22%3E%3Cscript%3Ealert(1)&password=x");
    BOOST_TEST(isSafe(login.body));
    BOOST_TEST(has(login.body, "&quot;&gt;&lt;script&gt;alert(1)"));
    BOOST_TEST(isSafe(ask("/build/%3Cscript%3Ealert(1)/status").body));
}

BOOST_FIXTURE_TEST_CASE(Z4_real_server_addresses_are_for_administrators_only, test::PageFarm)
{
    const auto alice = as("alice", Role::User), admin = as("root", Role::Admin);
    fleet::ServerInfo info;
    info.architecture = "armv7h";
    info.document = R"({"hostname":"builder7.internal.example","system_info":{"uptime":"1 days, 2 hours, 3 minutes",
        "cpu":{"model":"builder7","usage_percent":12.5},"disk":{"percentage":7.9}}})";
    fleet.reported(first, info);
    fleet.failed(second, {fleet::Failure::NotSent, 0, "connection refused by 10.9.8.7:8000", {}});
    auto& build = add(BuildState::Building);
    build.server = first;
    build.owner = alice.id;
    fleet.occupy(first, build.id);
    store.tries.push_back({build.id, 1, first, {}, {}, "10.9.8.7 refused it"});
    const auto status = "/build/" + build.id + "/status";
    for (const auto& target : {std::string("/dashboard"), std::string("/dashboard/fragment"), status})
        for (const auto* who : {&alice, static_cast<const Principal*>(nullptr)}) {
            const auto html = bodyOf(ask(target, who));
            for (const auto* secret : {"builder7", "internal", "example", ":8000", "10.9.8.7", "12 %"})
                BOOST_TEST(!has(html, secret), target << " tells " << secret);
            BOOST_TEST(has(html, "bui---7"), target);
        }
    const auto all = bodyOf(ask("/dashboard", &admin));
    for (const std::string& shown : std::vector<std::string>{
             first, second, "connection refused by 10.9.8.7:8000", "CPU 12 %", "up 1 d 2 h",
             "configured for x86_64 but builds for armv7h"})
        BOOST_TEST(has(all, shown), shown);
    const auto one = bodyOf(ask(status, &admin));
    BOOST_TEST(has(one, first));
    BOOST_TEST(has(one, "10.9.8.7 refused it"));
}

BOOST_FIXTURE_TEST_CASE(Z5_no_page_shows_an_email_address, test::PageFarm)
{
    auto user = account("alice", Role::User);
    user.email = "alice@mail.example";
    users.update(user);
    add(BuildState::Completed).owner = user.id;
    const Principal bob = as("bob", Role::User);
    BOOST_TEST(!has(bodyOf(ask("/dashboard", &bob)), "mail.example"));
    BOOST_TEST(!has(bodyOf(ask("/build/" + store.builds[0].id + "/status", &bob)), "mail.example"));
}

BOOST_FIXTURE_TEST_CASE(pages_forbid_everything_that_they_do_not_need_and_are_not_stored, test::PageFarm)
{
    const auto id = add(BuildState::Failed).id;
    for (const auto& target : {std::string("/dashboard"), "/build/" + id + "/status", std::string("/login"),
                               std::string("/build/unknown/status")}) {
        const auto answer = ask(target);
        BOOST_REQUIRE(answer.all("Content-Security-Policy").size() == 1u);
        const auto policy = answer.all("Content-Security-Policy")[0];
        BOOST_TEST(has(policy, "default-src 'none'; script-src 'self'; style-src 'self';"));
        BOOST_TEST(!has(policy, "unsafe"));
        BOOST_REQUIRE(answer.all("Cache-Control").size() == 1u);
        BOOST_TEST(answer.all("Cache-Control")[0] == "no-store");
    }
}

BOOST_AUTO_TEST_SUITE_END()

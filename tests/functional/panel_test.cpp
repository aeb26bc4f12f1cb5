// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

const std::vector<std::string> kParts{"users", "mail", "servers", "store", "repositories", "tasks", "plugins", "audit", "settings"};

struct PanelOfAFarm {
    PanelOfAFarm() { startWithUsers(farm); }

    std::string about(const std::string& more = "") { return "{\"server\":\"" + server.url() + "\"" + more + "}"; }

    FakeBuildServer server{"x86_64", 2};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Panel)

BOOST_FIXTURE_TEST_CASE(the_panel_is_for_administrators_only_Z1, PanelOfAFarm)
{
    std::vector<std::string> targets{"/admin", "/admin/panel/fragment/overview"};
    for (const auto& part : kParts) {
        targets.push_back("/admin/panel/" + part);
        targets.push_back("/admin/panel/fragment/" + part);
    }
    for (const auto& target : targets) {
        BOOST_TEST(farm.guest().get(target).status == 401, target);
        BOOST_TEST(farm.as("alice", "admin123").get(target).status == 403, target);
        const auto answer = farm.admin().get(target);
        BOOST_TEST(answer.status == 200, target << answer.body);
        BOOST_TEST(has(answer.header("Content-Type"), "text/html"), target);
    }
}

BOOST_FIXTURE_TEST_CASE(the_overview_says_what_needs_attention, PanelOfAFarm)
{
    BOOST_TEST(has(farm.admin().get("/admin").body, "the default password of admin is in force"));
    server.goDown();
    BOOST_TEST(eventually([&] { return has(farm.admin().get("/admin").body, server.url() + " is unavailable"); }));
}

BOOST_FIXTURE_TEST_CASE(users_are_shown_with_what_can_be_done_about_them, PanelOfAFarm)
{
    const auto html = farm.admin().get("/admin/panel/users").body;
    for (const auto* shown : {">alice</a>", "data-set-name=\"alice\"", "aria-label=\"Delete bob\"", "(you)",
                              "data-to=\"/auth/users\"", "Delete the user <span data-slot=\"name\">"})
        BOOST_TEST(has(html, shown), shown);
    BOOST_TEST(!has(html, "aria-label=\"Delete admin\""));
}

BOOST_FIXTURE_TEST_CASE(a_drained_server_gets_nothing_new_also_after_a_restart_and_goes_on_with_what_it_has, PanelOfAFarm)
{
    const auto running = acceptedBuild(submit(farm.admin(), "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    BOOST_TEST_REQUIRE(farm.admin().postJson("/admin/servers/drain", about()).status == 200);
    const auto waiting = acceptedBuild(submit(farm.admin(), "waiting"));
    BOOST_TEST(eventually([&] { return has(farm.guest().get("/dashboard").body, "drained by an administrator"); }));
    server.finish(running, BuildStatus::Completed, {{"running-1.0-1-x86_64.pkg.tar.zst", "content"}});
    BOOST_TEST(waitForEnd(farm.guest(), running) == "completed");
    farm.stop();
    farm.start();
    BOOST_TEST(eventually([&] { return has(farm.admin().get("/admin/panel/servers").body, ">drained<"); }));
    BOOST_TEST(server.acceptedCount().count(waiting) == 0u);
    BOOST_TEST_REQUIRE(farm.admin().postJson("/admin/servers/resume", about()).status == 200);
    BOOST_TEST(server.waitForAccepted(waiting));
    const auto trail = farm.admin().get("/admin/panel/audit").body;
    BOOST_TEST(has(trail, "server_drained"));
    BOOST_TEST(has(trail, "server_resumed"));
}

BOOST_FIXTURE_TEST_CASE(notes_about_servers_are_kept_and_escaped_W1, PanelOfAFarm)
{
    const auto admin = farm.admin();
    const auto put = [&](const std::string& json) {
        return admin.request("PUT", "/admin/servers/note", json, {{"Content-Type", "application/json"}}).status;
    };
    BOOST_TEST(put(about(R"(,"note":"<b>third rack</b>")")) == 200);
    const auto html = admin.get("/admin/panel/servers").body;
    BOOST_TEST(has(html, "&lt;b&gt;third rack&lt;/b&gt;"));
    BOOST_TEST(!has(html, "<b>third"));
    BOOST_TEST(put(about(",\"note\":\"" + std::string(3000, 'x') + "\"")) == 400);
    BOOST_TEST(put("{\"server\":\"http://elsewhere\",\"note\":\"x\"}") == 404);
}

BOOST_FIXTURE_TEST_CASE(a_test_of_a_server_says_in_words_what_came_of_it, PanelOfAFarm)
{
    const auto good = farm.admin().postJson("/admin/servers/test", about());
    BOOST_TEST(has(good.body, "\"success\":true"));
    BOOST_TEST(has(good.body, "It answered within"));
    server.goDown();
    const auto bad = farm.admin().postJson("/admin/servers/test", about());
    BOOST_TEST(bad.status == 200);
    BOOST_TEST(has(bad.body, "\"success\":false"));
}

BOOST_FIXTURE_TEST_CASE(settings_say_where_they_come_from_and_plugins_what_they_are, PanelOfAFarm)
{
    const auto settings = farm.admin().get("/admin/panel/settings").body;
    BOOST_TEST(has(settings, "<code>http.workers</code>"));
    BOOST_TEST(has(settings, "farm.properties:"));
    // The core's own options about plugins and those that the plugins have are two things.
    std::size_t headings = 0;
    for (auto at = settings.find(">Plugins</h"); at != settings.npos; at = settings.find(">Plugins</h", at + 1))
        ++headings;
    BOOST_TEST(headings == 1u);
    BOOST_TEST(has(settings, ">Options of plugins</h"));
    BOOST_TEST(has(settings, ">default<"));
    const auto plugins = farm.admin().get("/admin/panel/plugins").body;
    BOOST_TEST(has(plugins, "scheduler leastload"));
    BOOST_TEST(has(plugins, "<code>iterations</code> = <code>10000</code>"));
}

BOOST_FIXTURE_TEST_CASE(statistics_count_builds_and_tell_addresses_to_administrators_only_Z4, PanelOfAFarm)
{
    const auto build = acceptedBuild(submit(farm.as("alice", "admin123"), "counted"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    server.finish(build, BuildStatus::Failed);
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "failed");
    const auto guest = farm.guest().get("/dashboard/statistics?days=7").body;
    BOOST_TEST(has(guest, "<dt>failed</dt><dd>1</dd>"));
    BOOST_TEST(has(guest, "127---1"));
    BOOST_TEST(!has(guest, server.url()));
    BOOST_TEST(!has(guest, "alice"));
    BOOST_TEST(has(farm.as("bob", "admin123").get("/dashboard/statistics").body, "alice"));
    BOOST_TEST(has(farm.admin().get("/dashboard/statistics").body, server.url()));
    BOOST_TEST(farm.guest().get("/dashboard/statistics?days=0").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()

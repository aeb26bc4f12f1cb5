// SPDX-License-Identifier: MIT
#include "plugins/bundled_plugins.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using plugin::PluginError;

namespace {

ServerSnapshot server(const ServerId& id, int building, int slots = 4)
{
    return {.id = id, .architecture = "x86_64", .health = ServerHealth::Healthy, .slots = slots,
            .freeSlots = slots - building, .building = building};
}

struct LeastLoadFixture : test::BundledPlugins {
    LeastLoadFixture() { load({"scheduler-leastload"}); }

    Placement pick()
    {
        if (!scheduler)
            scheduler = &host.createScheduler("leastload");
        return scheduler->pick(build, servers);
    }
    ServerId picked() { return pick().server.value(); }

    Scheduler* scheduler = nullptr;
    Build build{.architecture = "x86_64"};
    std::vector<ServerSnapshot> servers;
};

} // namespace

BOOST_AUTO_TEST_SUITE(SchedulerLeastload)

BOOST_FIXTURE_TEST_CASE(takes_the_server_with_the_least_to_do, LeastLoadFixture)
{
    servers = {server("a", 2), server("b", 1), server("c", 3)};
    BOOST_TEST(picked() == "b");
}

BOOST_FIXTURE_TEST_CASE(counts_builds_waiting_on_a_server, LeastLoadFixture)
{
    servers = {server("a", 0), server("b", 1)};
    servers[0].queued = 2;
    BOOST_TEST(picked() == "b");
}

BOOST_FIXTURE_TEST_CASE(weighs_waiting_builds_as_configured, LeastLoadFixture)
{
    set("scheduler.leastload.queueWeight", "0.25");
    servers = {server("a", 0), server("b", 1)};
    servers[0].queued = 2;
    BOOST_TEST(picked() == "a");
}

BOOST_FIXTURE_TEST_CASE(a_degraded_server_counts_as_five_builds_busier, LeastLoadFixture)
{
    servers = {server("a", 0, 8), server("b", 4, 8)};
    servers[0].health = ServerHealth::Degraded;
    BOOST_TEST(picked() == "b");
    servers[1] = server("b", 6, 8);
    BOOST_TEST(picked() == "a");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_recreates_its_buildroot_is_the_last_choice, LeastLoadFixture)
{
    servers = {server("a", 0, 32), server("b", 19, 32)};
    servers[0].recreatingBuildroot = true;
    BOOST_TEST(picked() == "b");
    servers[1] = server("b", 21, 32);
    BOOST_TEST(picked() == "a");
}

BOOST_FIXTURE_TEST_CASE(a_handover_under_way_counts_before_the_server_reports_it, LeastLoadFixture)
{
    servers = {server("a", 0), server("b", 1)};
    servers[0].freeSlots = 2;
    BOOST_TEST(picked() == "b");
}

BOOST_FIXTURE_TEST_CASE(equal_scores_go_to_the_lower_load_per_slot, LeastLoadFixture)
{
    servers = {server("small", 1, 2), server("big", 1, 8)};
    BOOST_TEST(picked() == "big");
}

BOOST_FIXTURE_TEST_CASE(equal_servers_take_turns_beginning_with_the_first, LeastLoadFixture)
{
    servers = {server("a", 0), server("b", 0), server("c", 0)};
    std::string order;
    for (int i = 0; i < 6; ++i)
        order += picked();
    BOOST_TEST(order == "abcabc");
}

BOOST_FIXTURE_TEST_CASE(gives_a_reason_that_people_understand_and_that_names_no_server, LeastLoadFixture)
{
    servers = {server("http://secret-host:8000", 0, 3), server("http://b:8000", 1), server("http://c:8000", 1)};
    BOOST_TEST(pick().reason == "least loaded of 3 servers for x86_64 (0 building, 3 slots free)");
    servers.resize(1);
    servers[0] = server("http://secret-host:8000", 1, 2);
    BOOST_TEST(pick().reason == "the only free server for x86_64 (1 building, 1 slot free)");
    build.anyArchitecture = true;
    BOOST_TEST(pick().reason == "the only free server for any architecture (1 building, 1 slot free)");
}

BOOST_FIXTURE_TEST_CASE(waits_when_nobody_has_room, LeastLoadFixture)
{
    BOOST_TEST(!pick().server);
}

BOOST_FIXTURE_TEST_CASE(refuses_options_that_make_no_sense, LeastLoadFixture)
{
    set("scheduler.leastload.queueWeight", "-1");
    BOOST_CHECK_THROW(pick(), PluginError);
}

BOOST_AUTO_TEST_SUITE_END()

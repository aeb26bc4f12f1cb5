// SPDX-License-Identifier: MIT
#include "plugins/bundled_plugins.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

struct RoundRobinFixture : test::BundledPlugins {
    RoundRobinFixture() { load({"scheduler-roundrobin"}); }

    std::string picks(const std::string& architecture, const std::string& ids, int times)
    {
        std::vector<ServerSnapshot> servers;
        for (const char id : ids)
            servers.push_back({.id = std::string(1, id), .architecture = architecture,
                               .health = ServerHealth::Healthy, .slots = 2, .freeSlots = 1});
        std::string order;
        for (int i = 0; i < times; ++i)
            order += scheduler().pick(Build{.architecture = architecture}, servers).server.value();
        return order;
    }
    Scheduler& scheduler()
    {
        if (!made)
            made = &host.createScheduler("roundrobin");
        return *made;
    }

    Scheduler* made = nullptr;
};

} // namespace

BOOST_AUTO_TEST_SUITE(SchedulerRoundrobin)

BOOST_FIXTURE_TEST_CASE(servers_take_turns_in_the_order_of_the_configuration, RoundRobinFixture)
{
    BOOST_TEST(picks("x86_64", "abc", 7) == "abcabca");
}

BOOST_FIXTURE_TEST_CASE(each_architecture_has_its_own_turns, RoundRobinFixture)
{
    BOOST_TEST(picks("x86_64", "ab", 1) == "a");
    BOOST_TEST(picks("aarch64", "ab", 1) == "a");
    BOOST_TEST(picks("x86_64", "ab", 1) == "b");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_was_full_is_next_when_it_has_room_again, RoundRobinFixture)
{
    BOOST_TEST(picks("x86_64", "abc", 1) == "a");
    BOOST_TEST(picks("x86_64", "ac", 3) == "cac");
    BOOST_TEST(picks("x86_64", "abc", 1) == "b");
}

BOOST_FIXTURE_TEST_CASE(waits_when_nobody_has_room, RoundRobinFixture)
{
    BOOST_TEST(!scheduler().pick(Build{.architecture = "x86_64"}, {}).server);
}

BOOST_AUTO_TEST_SUITE_END()

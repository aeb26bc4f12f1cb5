// SPDX-License-Identifier: MIT
#include "fleet/fleet.h"
#include "support/manual_clock.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct TwoServers {
    test::ManualClock clock;
    fleet::Fleet fleet{{{"http://one:8000", "x86_64"}, {"http://two:8000", "aarch64"}}, clock};

    fleet::ServerInfo info(const std::string& architecture, int slots, int building = 0, int queued = 0)
    {
        fleet::ServerInfo info;
        info.architecture = architecture;
        info.slots = slots;
        info.building = building;
        info.queued = queued;
        return info;
    }
    std::size_t candidates(const std::string& architecture = "x86_64") { return fleet.candidatesFor(architecture, {}).size(); }
    fleet::CallError error(fleet::Failure failure = fleet::Failure::Unclear) { return {failure, 0, "no answer", {}}; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(Fleet)

BOOST_FIXTURE_TEST_CASE(a_server_gets_nothing_before_it_answered_but_counts_as_available, TwoServers)
{
    BOOST_TEST(candidates() == 0u);
    BOOST_TEST(fleet.isAvailable("x86_64"));
    BOOST_TEST(!fleet.isAvailable("riscv64"));
    BOOST_TEST(fleet.reported("http://one:8000", info("x86_64", 2)));
    BOOST_TEST(candidates() == 1u);
    BOOST_TEST(candidates("any") == 1u);
}

BOOST_FIXTURE_TEST_CASE(L4_hand_overs_count_against_the_slots_at_once, TwoServers)
{
    fleet.reported("http://one:8000", info("x86_64", 2));
    fleet.occupy("http://one:8000", "a");
    fleet.occupy("http://one:8000", "b");
    fleet.occupy("http://one:8000", "b");
    BOOST_TEST(candidates() == 0u);
    fleet.release("http://one:8000", "a");
    BOOST_TEST(candidates() == 1u);
}

BOOST_FIXTURE_TEST_CASE(L4_builds_of_others_lower_the_room_and_a_report_never_raises_it_above_the_slots, TwoServers)
{
    fleet.occupy("http://one:8000", "a");
    fleet.reported("http://one:8000", info("x86_64", 3, 2, 0));   // ours and one of somebody else
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 1);
    fleet.release("http://one:8000", "a");
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 2);
    fleet.reported("http://one:8000", info("x86_64", 3, 0, 0));
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 3);
}

BOOST_FIXTURE_TEST_CASE(V6_five_failures_degrade_fifteen_make_unavailable_one_answer_heals, TwoServers)
{
    fleet.reported("http://one:8000", info("x86_64", 1));
    const auto health = [&] { return fleet.find("http://one:8000")->snapshot.health; };
    for (int i = 0; i < 4; ++i)
        fleet.failed("http://one:8000", error());
    BOOST_TEST((health() == ServerHealth::Healthy));
    BOOST_TEST(candidates() == 0u);   // it does not answer now, whatever its state is called
    fleet.failed("http://one:8000", error());
    BOOST_TEST((health() == ServerHealth::Degraded));
    for (int i = 0; i < 10; ++i)
        fleet.failed("http://one:8000", error());
    BOOST_TEST((health() == ServerHealth::Unavailable));
    BOOST_TEST(!fleet.isAvailable("x86_64"));
    BOOST_TEST(fleet.list().size() == 2u);
    fleet.reported("http://one:8000", info("x86_64", 1));
    BOOST_TEST((health() == ServerHealth::Healthy));
    BOOST_TEST(candidates() == 1u);
}

BOOST_FIXTURE_TEST_CASE(V6_a_busy_server_is_never_called_unavailable, TwoServers)
{
    for (int i = 0; i < 40; ++i)
        fleet.failed("http://one:8000", error(fleet::Failure::Busy));
    BOOST_TEST((fleet.find("http://one:8000")->snapshot.health == ServerHealth::Degraded));
}

BOOST_FIXTURE_TEST_CASE(V6_a_server_that_persistently_answers_nonsense_is_misconfigured, TwoServers)
{
    const auto health = [&] { return fleet.find("http://one:8000")->snapshot.health; };
    fleet.reported("http://one:8000", info("x86_64", 1));
    auto nonsense = error();
    nonsense.status = 404;
    for (int i = 0; i < 14; ++i)
        fleet.failed("http://one:8000", nonsense);
    BOOST_TEST((health() == ServerHealth::Degraded));
    fleet.failed("http://one:8000", nonsense);
    BOOST_TEST((health() == ServerHealth::Misconfigured));
    nonsense.status = 0;
    fleet.failed("http://one:8000", nonsense);
    BOOST_TEST((health() == ServerHealth::Unavailable));
}

BOOST_FIXTURE_TEST_CASE(L4_a_build_of_others_that_becomes_ours_takes_no_second_slot, TwoServers)
{
    fleet.reported("http://one:8000", info("x86_64", 3, 2, 0));
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 1);
    fleet.adopt("http://one:8000", "a");
    fleet.adopt("http://one:8000", "a");
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 1);
    fleet.reported("http://one:8000", info("x86_64", 3, 2, 0));
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 1);
    fleet.release("http://one:8000", "a");
    BOOST_TEST(fleet.candidatesFor("x86_64", {}).front().freeSlots == 2);
}

BOOST_FIXTURE_TEST_CASE(V6_a_wrong_architecture_is_listed_as_misconfigured_and_gets_nothing, TwoServers)
{
    fleet.reported("http://one:8000", info("riscv64", 3));
    const auto server = fleet.find("http://one:8000");
    BOOST_TEST((server->snapshot.health == ServerHealth::Misconfigured));
    BOOST_TEST(server->reason == "configured for x86_64 but builds for riscv64");
    BOOST_TEST(candidates("riscv64") == 0u);
    BOOST_TEST(!fleet.isAvailable("riscv64"));
}

BOOST_FIXTURE_TEST_CASE(a_paused_server_gets_nothing_until_the_pause_is_over, TwoServers)
{
    fleet.reported("http://one:8000", info("x86_64", 1));
    fleet.pause("http://one:8000", 2s);
    BOOST_TEST(candidates() == 0u);
    BOOST_TEST(fleet.nextPauseEnd()->count() == 2000);
    clock.advance(2s);
    BOOST_TEST(candidates() == 1u);
    BOOST_TEST(!fleet.nextPauseEnd());
}

BOOST_FIXTURE_TEST_CASE(a_waiting_build_learns_why_nobody_takes_it_and_no_address, TwoServers)
{
    BOOST_TEST(fleet.whyNobody("riscv64") == "Waiting: no riscv64 server is configured");
    BOOST_TEST(fleet.whyNobody("x86_64") == "Waiting: the x86_64 server does not answer");
    fleet.reported("http://one:8000", info("x86_64", 1));
    fleet.occupy("http://one:8000", "a");
    BOOST_TEST(fleet.whyNobody("x86_64") == "Waiting: the x86_64 server is full");
}

BOOST_AUTO_TEST_CASE(Z4_addresses_are_shown_short)
{
    BOOST_TEST(fleet::obfuscated("http://server1.example.com:8000") == "ser---1");
    BOOST_TEST(fleet::obfuscated("http://127.0.0.1:19001") == "127---1");
    BOOST_TEST(fleet::obfuscated("http://localhost:8000") == "loc---t");
    BOOST_TEST(fleet::obfuscated("http://arm:8000") == "ser---1");
    BOOST_TEST(fleet::obfuscated("http://[fe80::1]:8000") == "fe8---1");
    BOOST_TEST(fleet::obfuscated("https://user:pw@build7.example.org:8443/x") == "bui---7");
    BOOST_TEST(fleet::obfuscated("server1:8000") == "unk---n");
}

BOOST_AUTO_TEST_SUITE_END()

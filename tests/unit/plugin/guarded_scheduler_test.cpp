// SPDX-License-Identifier: MIT
#include "plugin/guarded_scheduler.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <vector>

using namespace apbfarm;

namespace {

struct LambdaScheduler final : Scheduler {
    using Answer = std::function<Placement(std::span<const ServerSnapshot>)>;
    explicit LambdaScheduler(Answer answer) : answer(std::move(answer)) {}
    Placement pick(const Build&, std::span<const ServerSnapshot> candidates) override { return answer(candidates); }
    Answer answer;
};

ServerSnapshot server(const ServerId& id, int freeSlots, ServerHealth health = ServerHealth::Healthy)
{
    return {.id = id, .architecture = "x86_64", .health = health, .slots = 4, .freeSlots = freeSlots};
}

struct SchedulerFixture {
    Placement answerOf(LambdaScheduler::Answer answer)
    {
        plugin::GuardedScheduler scheduler(std::make_unique<LambdaScheduler>(std::move(answer)), "odd", guard);
        return scheduler.pick(Build{}, servers);
    }

    test::LogLines log{"scheduler-test"};
    test::ManualClock clock;
    plugin::PluginGuard guard{"scheduler odd", log.logger(), clock, std::chrono::seconds(1)};
    std::vector<ServerSnapshot> servers{server("http://a:8000", 1), server("http://b:8000", 3),
                                        server("http://c:8000", 3)};
};

} // namespace

BOOST_AUTO_TEST_SUITE(GuardedScheduler)

BOOST_FIXTURE_TEST_CASE(passes_a_good_answer_on, SchedulerFixture)
{
    const auto placement = answerOf([](auto) { return Placement::on("http://c:8000", "because"); });
    BOOST_TEST(placement.server.value() == "http://c:8000");
    BOOST_TEST(placement.reason == "because");
    BOOST_TEST(guard.report().failures == 0u);
}

BOOST_FIXTURE_TEST_CASE(passes_a_wish_to_wait_on, SchedulerFixture)
{
    const auto placement = answerOf([](auto) { return Placement::wait("at night only"); });
    BOOST_TEST(!placement.server);
    BOOST_TEST(placement.reason == "at night only");
}

BOOST_FIXTURE_TEST_CASE(when_the_plugin_throws_the_server_with_most_free_slots_is_taken_G3, SchedulerFixture)
{
    const auto placement = answerOf([](auto) -> Placement { throw std::runtime_error("broken"); });
    BOOST_TEST(placement.server.value() == "http://b:8000");
    BOOST_TEST(placement.reason.find("The scheduler 'odd' failed") == 0u);
    BOOST_TEST(placement.reason.find("broken") == std::string::npos);
    BOOST_TEST(log.contain("scheduler odd failed in pick: broken"));
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_is_no_candidate_counts_as_a_failure_G4, SchedulerFixture)
{
    const auto placement = answerOf([](auto) { return Placement::on("http://evil:1", "mine"); });
    BOOST_TEST(placement.server.value() == "http://b:8000");
    BOOST_TEST(guard.report().failures == 1u);
    BOOST_TEST(log.contain("not a candidate"));
}

BOOST_FIXTURE_TEST_CASE(a_candidate_without_room_or_health_counts_as_a_failure_G4, SchedulerFixture)
{
    servers = {server("full", 0), server("ill", 2, ServerHealth::Unavailable), server("fine", 1)};
    BOOST_TEST(answerOf([](auto) { return Placement::on("full", ""); }).server.value() == "fine");
    BOOST_TEST(answerOf([](auto) { return Placement::on("ill", ""); }).server.value() == "fine");
    BOOST_TEST(guard.report().failures == 2u);
}

BOOST_FIXTURE_TEST_CASE(waits_with_a_reason_when_it_failed_and_nobody_has_room, SchedulerFixture)
{
    servers = {server("full", 0)};
    const auto placement = answerOf([](auto) -> Placement { throw 1; });
    BOOST_TEST(!placement.server);
    BOOST_TEST(placement.reason == "The scheduler 'odd' failed; administrators can see why");
}

BOOST_FIXTURE_TEST_CASE(never_shows_a_server_address_in_a_reason, SchedulerFixture)
{
    const auto named = answerOf([](auto) { return Placement::on("http://a:8000", "took http://a:8000 today"); });
    BOOST_TEST(named.reason == "Chosen by the scheduler 'odd'");
    servers = {server("builder7.internal", 1)};
    const auto plain = answerOf([](auto) { return Placement::on("builder7.internal", "builder7.internal is free"); });
    BOOST_TEST(plain.reason == "Chosen by the scheduler 'odd'");
}

BOOST_AUTO_TEST_SUITE_END()

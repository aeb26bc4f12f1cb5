// SPDX-License-Identifier: MIT
#include "plugin/plugin_guard.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"

#include <apbfarm/errors.h>

#include <Poco/Exception.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct GuardFixture {
    test::LogLines log{"guard-test"};
    test::ManualClock clock;
    plugin::PluginGuard guard{"scheduler test", log.logger(), clock, 10ms};
};

} // namespace

BOOST_AUTO_TEST_SUITE(PluginGuard)

BOOST_FIXTURE_TEST_CASE(gives_what_the_call_returns, GuardFixture)
{
    BOOST_TEST(guard.call("pick", 0, [] { return 7; }) == 7);
    BOOST_TEST(guard.report().calls == 1u);
    BOOST_TEST(guard.report().failures == 0u);
    BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(turns_each_kind_of_exception_into_the_fallback_and_a_log_line_G3, GuardFixture)
{
    BOOST_TEST(guard.call("a", 1, []() -> int { throw Poco::NotFoundException("in Poco"); }) == 1);
    clock.advance(11s);
    BOOST_TEST(guard.call("b", 2, []() -> int { throw std::runtime_error("in std"); }) == 2);
    clock.advance(11s);
    BOOST_TEST(guard.call("c", 3, []() -> int { throw 42; }) == 3);

    BOOST_TEST(guard.report().failures == 3u);
    BOOST_TEST(log.contain("scheduler test failed in a: Not found: in Poco"));
    BOOST_TEST(log.contain("scheduler test failed in b: in std"));
    BOOST_TEST(log.contain("scheduler test failed in c: an exception of an unknown type"));
    BOOST_TEST(guard.report().lastFailure == "c: an exception of an unknown type");
}

BOOST_FIXTURE_TEST_CASE(lets_named_exceptions_pass_with_their_type_and_does_not_count_them_as_failures, GuardFixture)
{
    const auto away = [&] { guard.call<Unavailable>("ask", 0, []() -> int { throw Unavailable("away"); }); };
    BOOST_CHECK_THROW(away(), Unavailable);
    BOOST_TEST(guard.report().calls == 1u);
    BOOST_TEST(guard.report().failures == 0u);
}

BOOST_FIXTURE_TEST_CASE(measures_calls_and_warns_about_slow_ones_G4, GuardFixture)
{
    guard.call("pick", 0, [&] { return clock.advance(25ms), 0; });
    guard.call("pick", 0, [&] { return clock.advance(1ms), 0; });
    const auto report = guard.report();
    BOOST_TEST(report.calls == 2u);
    BOOST_TEST(report.slow == 1u);
    BOOST_TEST(report.longest.count() == 25'000);
    BOOST_TEST(log.contain("scheduler test took 25 ms in pick, more than 10 ms"));
}

BOOST_FIXTURE_TEST_CASE(does_not_flood_the_log_and_says_what_it_left_out, GuardFixture)
{
    const auto fail = [&] { guard.call("pick", 0, []() -> int { throw std::runtime_error("no"); }); };
    for (int i = 0; i < 1000; ++i)
        fail();
    BOOST_TEST(log.lines().size() == 1u);
    clock.advance(11s);
    fail();
    BOOST_TEST(log.contain("(and 999 lines like it left out)"));
    BOOST_TEST(guard.report().failures == 1001u);
}

BOOST_FIXTURE_TEST_CASE(a_slow_call_does_not_hide_the_first_failure, GuardFixture)
{
    guard.call("pick", 0, [&] { return clock.advance(25ms), 0; });
    guard.call("pick", 0, []() -> int { throw std::runtime_error("no"); });
    BOOST_TEST(log.contain("failed in pick: no"));
}

BOOST_FIXTURE_TEST_CASE(writes_one_line_whatever_the_exception_contains, GuardFixture)
{
    guard.call("pick", 0, []() -> int { throw std::runtime_error("one\nERROR forged\r\x1b[2J"); });
    BOOST_TEST(log.lines().front().find_first_of("\n\r\x1b") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

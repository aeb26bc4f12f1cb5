// SPDX-License-Identifier: MIT
#include "plugin/guarded_notifier.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"

#include <Poco/Exception.h>

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace apbfarm;

namespace {

struct LambdaNotifier final : Notifier {
    explicit LambdaNotifier(std::function<void()> act) : act(std::move(act)) {}
    bool enabled() override { return act(), true; }
    void deliver(const Notification&) override { act(); }
    std::function<void()> act;
};

struct NotifierFixture {
    plugin::GuardedNotifier notifier(std::function<void()> act)
    {
        return {std::make_unique<LambdaNotifier>(std::move(act)), guard};
    }

    test::LogLines log{"notifier-test"};
    test::ManualClock clock;
    plugin::PluginGuard guard{"notifier odd", log.logger(), clock, std::chrono::seconds(1)};
};

bool saysBroken(const std::exception& error)
{
    return std::string(error.what()).find("broken") != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(GuardedNotifier)

BOOST_FIXTURE_TEST_CASE(a_delivery_that_returns_is_done, NotifierFixture)
{
    int calls = 0;
    auto guarded = notifier([&] { ++calls; });
    BOOST_CHECK_NO_THROW(guarded.deliver({}));
    BOOST_TEST(guarded.enabled());
    BOOST_TEST(calls == 2);
}

BOOST_FIXTURE_TEST_CASE(a_message_refused_for_good_stays_told_apart, NotifierFixture)
{
    auto guarded = notifier([] { throw InvalidInput("no such recipient"); });
    BOOST_CHECK_THROW(guarded.deliver({}), InvalidInput);
    BOOST_TEST(guard.report().failures == 0u);
}

BOOST_FIXTURE_TEST_CASE(everything_else_becomes_a_standard_exception_with_its_text_G3, NotifierFixture)
{
    BOOST_CHECK_EXCEPTION(notifier([] { throw Poco::IOException("broken"); }).deliver({}), std::runtime_error, saysBroken);
    BOOST_CHECK_EXCEPTION(notifier([] { throw std::logic_error("broken"); }).deliver({}), std::runtime_error, saysBroken);
    BOOST_CHECK_THROW(notifier([] { throw 5; }).deliver({}), std::runtime_error);
    BOOST_TEST(guard.report().failures == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_time_before_which_it_wants_no_message_is_passed_on, NotifierFixture)
{
    const auto isMinutes = [](const Unavailable& error) { return error.retryAfter() == std::chrono::minutes(5); };
    BOOST_CHECK_EXCEPTION(notifier([] { throw Unavailable("full", "full", std::chrono::minutes(5)); }).deliver({}),
                          Unavailable, isMinutes);
    BOOST_CHECK_EXCEPTION(notifier([] { throw TooMany("full", std::chrono::minutes(5)); }).deliver({}), Unavailable, isMinutes);
}

BOOST_AUTO_TEST_CASE(it_reaches_people_unless_it_says_otherwise)
{
    struct Room final : Notifier {
        bool enabled() override { return true; }
        Audience audience() override { return Audience::Channel; }
        void deliver(const Notification&) override {}
    };
    NotifierFixture fixture;
    BOOST_TEST((fixture.notifier([] {}).audience() == Audience::People));
    BOOST_TEST((plugin::GuardedNotifier(std::make_unique<Room>(), fixture.guard).audience() == Audience::Channel));
}

BOOST_FIXTURE_TEST_CASE(one_that_cannot_say_whether_it_is_enabled_is_not, NotifierFixture)
{
    BOOST_TEST(!notifier([] { throw std::runtime_error("broken"); }).enabled());
}

BOOST_AUTO_TEST_SUITE_END()

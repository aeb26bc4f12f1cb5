// SPDX-License-Identifier: MIT
#include "service/login_throttle.h"

#include "support/manual_clock.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct Throttled {
    test::ManualClock clock;
    service::LoginThrottle throttle{clock};

    void fail(const std::string& account, const std::string& address, int times = 1)
    {
        for (int i = 0; i < times; ++i) {
            throttle.admit(account, address);
            throttle.failed(account, address);
        }
    }
    std::chrono::seconds waitOf(const std::string& account, const std::string& address)
    {
        try {
            throttle.admit(account, address);
            return 0s;
        } catch (const TooMany& error) {
            return error.retryAfter();
        }
    }
    /// One more failure as soon as it is possible; gives the delay after it.
    std::chrono::seconds delayAfterNextFailure(const std::string& account, const std::string& address)
    {
        clock.advance(waitOf(account, address));
        fail(account, address);
        return waitOf(account, address);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(LoginThrottle)

BOOST_FIXTURE_TEST_CASE(the_sixth_try_after_five_failures_has_to_wait_u5, Throttled)
{
    fail("mallory", "192.0.2.1", 5);
    BOOST_TEST(waitOf("mallory", "192.0.2.1").count() > 0);
}

BOOST_FIXTURE_TEST_CASE(the_delay_grows_up_to_a_limit_u5, Throttled)
{
    fail("mallory", "192.0.2.1", 5);
    auto before = waitOf("mallory", "192.0.2.1");
    for (int i = 0; i < 5; ++i) {
        const auto after = delayAfterNextFailure("mallory", "192.0.2.1");
        BOOST_TEST(after.count() > before.count());
        before = after;
    }
    for (int i = 0; i < 20; ++i)
        before = delayAfterNextFailure("mallory", "192.0.2.1");
    BOOST_TEST(before.count() == 15 * 60);
}

BOOST_FIXTURE_TEST_CASE(one_try_is_due_after_the_delay_and_not_many_u5, Throttled)
{
    fail("mallory", "192.0.2.1", 5);
    clock.advance(waitOf("mallory", "192.0.2.1"));
    throttle.admit("mallory", "192.0.2.1");
    BOOST_CHECK_THROW(throttle.admit("mallory", "192.0.2.1"), TooMany);
}

BOOST_FIXTURE_TEST_CASE(the_same_account_from_elsewhere_is_not_touched_u5, Throttled)
{
    fail("alice", "192.0.2.1", 5);
    BOOST_TEST(waitOf("alice", "198.51.100.7").count() == 0);
}

BOOST_FIXTURE_TEST_CASE(trying_many_accounts_from_one_address_is_slowed_down_u5, Throttled)
{
    for (const auto* name : {"anna", "bert", "carl", "dora", "emil"})
        fail(name, "192.0.2.1");
    BOOST_TEST(waitOf("fred", "192.0.2.1").count() > 0);
    BOOST_TEST(waitOf("fred", "192.0.2.2").count() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_success_clears_it_u5, Throttled)
{
    fail("alice", "192.0.2.1", 4);
    throttle.succeeded("alice", "192.0.2.1");
    fail("alice", "192.0.2.1", 4);
    BOOST_TEST(waitOf("alice", "192.0.2.1").count() == 0);
    throttle.succeeded("alice", "192.0.2.1");
    BOOST_TEST(throttle.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_own_account_does_not_make_guessing_at_others_free_u5, Throttled)
{
    for (int i = 0; i < 5; ++i) {
        throttle.admit("mallory", "192.0.2.1");
        throttle.succeeded("mallory", "192.0.2.1");
        fail("victim" + std::to_string(i), "192.0.2.1");
    }
    BOOST_TEST(waitOf("victim9", "192.0.2.1").count() > 0);
}

BOOST_FIXTURE_TEST_CASE(names_count_without_regard_to_case, Throttled)
{
    service::LoginThrottle other(clock, {.freeFailures = 2});
    other.failed("Alice", "192.0.2.1");
    other.failed("ALICE", "192.0.2.1");
    BOOST_CHECK_THROW(other.admit("alice", "192.0.2.1"), TooMany);
}

BOOST_AUTO_TEST_CASE(ipv6_counts_by_its_64_bit_network_and_wrapped_ipv4_as_ipv4_u5)
{
    using service::throttleKey;
    BOOST_TEST(throttleKey("2001:db8:1:2::1") == throttleKey("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    BOOST_TEST(throttleKey("2001:db8:1:2::1") != throttleKey("2001:db8:1:3::1"));
    BOOST_TEST(throttleKey("::ffff:192.0.2.1") == throttleKey("192.0.2.1"));
    BOOST_TEST(throttleKey("192.0.2.1") != throttleKey("192.0.2.2"));
}

BOOST_FIXTURE_TEST_CASE(failures_are_forgotten_after_an_hour, Throttled)
{
    fail("alice", "192.0.2.1", 4);
    clock.advance(61min);
    fail("alice", "192.0.2.1", 4);
    BOOST_TEST(waitOf("alice", "192.0.2.1").count() == 0);
}

BOOST_FIXTURE_TEST_CASE(memory_is_bounded_and_the_latest_failures_stay, Throttled)
{
    service::LoginThrottle small(clock, {.maxEntries = 10});
    for (int i = 0; i < 1000; ++i)
        small.failed("user" + std::to_string(i), "192.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    BOOST_TEST(small.size() == 20u);
    for (int i = 0; i < 5; ++i)
        small.failed("latest", "198.51.100.1");
    BOOST_CHECK_THROW(small.admit("latest", "198.51.100.1"), TooMany);
}

BOOST_FIXTURE_TEST_CASE(earlier_failures_count_when_replayed_and_too_old_ones_do_not_u5, Throttled)
{
    for (int i = 0; i < 10; ++i)
        throttle.replay("mallory", "192.0.2.1", 10s);
    BOOST_TEST(waitOf("mallory", "192.0.2.1").count() > 0);
    for (int i = 0; i < 10; ++i)
        throttle.replay("alice", "198.51.100.1", 2h);
    BOOST_TEST(waitOf("alice", "198.51.100.1").count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "http/deadline_wheel.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <random>
#include <vector>

using apbfarm::http::Deadline;
using apbfarm::http::DeadlineWheel;
using apbfarm::http::Millis;

namespace {

struct Timer : Deadline {
    Millis due = 0;
    Millis fired = -1;
};

} // namespace

BOOST_AUTO_TEST_SUITE(DeadlineWheels)

BOOST_AUTO_TEST_CASE(fires_each_once_and_never_early)
{
    const auto seed = std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    Millis now = 1'000'000;
    DeadlineWheel wheel(now);
    std::vector<std::unique_ptr<Timer>> timers;
    for (int i = 0; i < 2000; ++i) {
        auto& timer = *timers.emplace_back(std::make_unique<Timer>());
        for (auto moves = 1 + random() % 3; moves-- > 0;) // earlier and later than before, some beyond one turn
            wheel.set(timer, timer.due = now + static_cast<Millis>(random() % 60000));
    }
    for (int i = 0; i < 2000; i += 10) {
        wheel.clear(*timers[static_cast<std::size_t>(i)]);
        timers[static_cast<std::size_t>(i)]->due = -1;
    }
    timers[5].reset();
    for (const auto end = now + 61000; now < end; now += static_cast<Millis>(random() % 50))
        wheel.expire(now, [&](Deadline& deadline) {
            auto& timer = static_cast<Timer&>(deadline);
            BOOST_REQUIRE(timer.fired == -1);
            timer.fired = now;
        });
    for (const auto& timer : timers) {
        if (!timer)
            continue;
        BOOST_REQUIRE((timer->due == -1) == (timer->fired == -1));
        BOOST_REQUIRE(timer->fired >= timer->due);
        BOOST_REQUIRE(timer->fired <= timer->due + 100);
    }
    BOOST_TEST(wheel.next() == INT64_MAX);
}

BOOST_AUTO_TEST_CASE(tells_when_to_look_next)
{
    DeadlineWheel wheel(0);
    Timer timer;
    BOOST_TEST(wheel.next() == INT64_MAX);
    wheel.set(timer, 5000);
    BOOST_TEST(wheel.next() >= 5000);
    BOOST_TEST(wheel.next() <= 5040);
    wheel.set(timer, 1000);
    BOOST_TEST(wheel.next() <= 1040);
}

BOOST_AUTO_TEST_SUITE_END()

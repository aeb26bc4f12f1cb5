// SPDX-License-Identifier: MIT
#include "util/worker.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <new>

using apbfarm::util::Worker;

BOOST_AUTO_TEST_SUITE(Workers)

BOOST_AUTO_TEST_CASE(a_step_that_fails_comes_again_even_when_nobody_can_be_told)
{
    std::atomic<int> steps = 0;
    {
        Worker worker(
            "failing",
            [&]() -> std::optional<std::chrono::milliseconds> {
                ++steps;
                steps.notify_all();
                throw std::bad_alloc();
            },
            [](const std::string&) { throw std::bad_alloc(); });
        steps.wait(0);
        worker.wake();
        steps.wait(1);
    }
    BOOST_TEST(steps >= 2);
}

BOOST_AUTO_TEST_SUITE_END()

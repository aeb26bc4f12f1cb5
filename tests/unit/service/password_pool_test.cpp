// SPDX-License-Identifier: MIT
#include "service/password_pool.h"

#include "support/short_memory.h"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <thread>

using namespace apbfarm;
using Pool = service::PasswordPool;

namespace {

/// Keeps the only thread of a pool busy until told.
struct BusyPool {
    std::unique_ptr<Pool> pool = std::make_unique<Pool>(1, 2);
    std::promise<void> release;
    std::future<void> busy;

    BusyPool()
    {
        std::promise<void> begun;
        auto begins = begun.get_future();
        busy = pool->start([&begun, released = release.get_future().share()] {
            begun.set_value();
            released.wait();
        });
        begins.wait();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(PasswordPool)

BOOST_AUTO_TEST_CASE(gives_back_what_the_work_gave)
{
    Pool pool(1);
    BOOST_TEST(pool.run([] { return 42; }) == 42);
}

BOOST_AUTO_TEST_CASE(throws_what_the_work_threw)
{
    Pool pool(1);
    BOOST_CHECK_THROW(pool.run([] { throw Unavailable("directory is away"); }), Unavailable);
    BOOST_TEST(pool.run([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(works_on_other_threads_at_low_priority_u3)
{
    Pool pool(1);
    const auto own = ::gettid();
    BOOST_TEST(pool.run([] { return ::gettid(); }) != own);
    BOOST_TEST(pool.run([] { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); })
               > ::getpriority(PRIO_PROCESS, static_cast<id_t>(own)));
}

BOOST_FIXTURE_TEST_CASE(a_long_queue_is_refused_and_says_when_to_come_back_u3, BusyPool)
{
    auto first = pool->start([] {});
    auto second = pool->start([] {});
    BOOST_CHECK_EXCEPTION(pool->start([] {}), TooMany,
                          [](const TooMany& error) { return error.retryAfter() > std::chrono::seconds(0); });
    release.set_value();
    first.get();
    second.get();
    BOOST_TEST(pool->run([] { return true; }));
}

BOOST_FIXTURE_TEST_CASE(what_waits_at_the_end_fails_and_nobody_waits_for_ever, BusyPool)
{
    auto waiting = pool->start([] {});
    // The end of the pool waits for the work under way, but what waits is told before.
    std::thread ending([this] { pool.reset(); });
    BOOST_CHECK_THROW(waiting.get(), Unavailable);
    release.set_value();
    ending.join();
    busy.get();
}

BOOST_FIXTURE_TEST_CASE(it_ends_without_memory_and_whoever_waits_is_told, BusyPool)
{
    auto waiting = pool->start([] {});
    std::thread ending([this] { test::lacking(1, [this] { pool.reset(); }, test::kWithoutEnd); });
    BOOST_CHECK_THROW(waiting.get(), std::exception);
    release.set_value();
    ending.join();
    busy.get();
}

BOOST_AUTO_TEST_SUITE_END()

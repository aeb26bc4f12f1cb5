// SPDX-License-Identifier: MIT
#include "http/self_check.h"

#include "http/listener.h"
#include "support/notify_socket.h"
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(SelfChecks)

BOOST_FIXTURE_TEST_CASE(a_server_that_answers_anything_is_alive, test::ServerFixture)
{
    start();   // without a route: 404 is an answer
    BOOST_TEST(http::isAnswering("127.0.0.1", server->port(), 10s));
    BOOST_TEST(http::isAnswering("0.0.0.0", server->port(), 10s));
}

BOOST_AUTO_TEST_CASE(a_port_on_which_nobody_answers_is_not)
{
    auto hanging = http::listenOn("127.0.0.1", 0, true);
    const auto port = http::boundPort(hanging.front().get());
    BOOST_TEST(!http::isAnswering("127.0.0.1", port, 50ms));
    hanging.clear();
    BOOST_TEST(!http::isAnswering("127.0.0.1", port, 10s));
}

BOOST_FIXTURE_TEST_CASE(the_manager_hears_of_it_again_and_again, test::ServerFixture)
{
    start();
    test::NotifySocket socket;
    const util::ServiceManager manager(socket.path(), 400ms);
    const auto heartbeat = http::startHeartbeat(manager, "127.0.0.1", server->port(), [](const std::string&) {});
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(socket.next("WATCHDOG") == "WATCHDOG=1\n");
}

BOOST_AUTO_TEST_CASE(the_manager_hears_nothing_of_a_server_that_hangs)
{
    const auto hanging = http::listenOn("127.0.0.1", 0, true);
    std::atomic<int> failures{0};
    const util::ServiceManager manager("/nowhere", 40ms);
    const auto heartbeat = http::startHeartbeat(manager, "127.0.0.1", http::boundPort(hanging.front().get()),
                                                [&](const std::string&) { ++failures; });
    BOOST_TEST(test::eventually([&] { return failures > 0; }));
}

BOOST_AUTO_TEST_CASE(without_a_watchdog_there_is_no_heartbeat)
{
    BOOST_TEST(!http::startHeartbeat(util::ServiceManager("", {}), "127.0.0.1", 1, {}));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "util/service_manager.h"

#include "support/notify_socket.h"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace apbfarm;
using namespace std::chrono_literals;
using util::ServiceManager;

BOOST_AUTO_TEST_SUITE(ServiceManagers)

BOOST_AUTO_TEST_CASE(says_what_happens_in_words_that_the_manager_knows)
{
    test::NotifySocket socket;
    const ServiceManager manager(socket.path(), {});
    manager.ready("Listening on port 8080");
    BOOST_TEST(socket.next("READY") == "READY=1\nSTATUS=Listening on port 8080\n");
    manager.reloading();
    BOOST_TEST(socket.next("RELOADING").starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.alive();
    BOOST_TEST(socket.next("WATCHDOG") == "WATCHDOG=1\n");
    manager.stopping();
    BOOST_TEST(socket.next("STOPPING") == "STOPPING=1\n");
}

BOOST_AUTO_TEST_CASE(the_environment_is_read_once_and_not_left_to_children)
{
    test::NotifySocket socket;
    ::setenv("NOTIFY_SOCKET", socket.path().c_str(), 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    const auto manager = ServiceManager::fromEnvironment();
    for (const auto* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
        BOOST_TEST(std::getenv(variable) == nullptr, variable);
    BOOST_TEST((manager.heartbeat() == 15000ms));
    manager.alive();
    BOOST_TEST(socket.next("WATCHDOG") == "WATCHDOG=1\n");
}

BOOST_AUTO_TEST_CASE(a_watchdog_meant_for_another_process_is_not_fed)
{
    ::setenv("NOTIFY_SOCKET", "/nowhere", 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    BOOST_TEST(!ServiceManager::fromEnvironment().heartbeat());
}

BOOST_AUTO_TEST_CASE(without_a_manager_nothing_happens)
{
    const ServiceManager none("", 30s), gone("/nowhere/at/all", {}), tooLong(std::string(200, 'x'), {});
    BOOST_TEST(!none.heartbeat());
    for (const auto* manager : {&none, &gone, &tooLong})
        BOOST_CHECK_NO_THROW(manager->ready("fine"));
}

BOOST_AUTO_TEST_SUITE_END()

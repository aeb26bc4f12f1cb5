// SPDX-License-Identifier: MIT
// The programs as services: what their manager hears, what it hands over.
#include "support/farm_process.h"
#include "support/notify_socket.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm::test;

namespace {

struct Managed {
    NotifySocket manager;
    FarmProcess farm{{{"x86_64", "http://127.0.0.1:9"}}};

    Managed()
    {
        ::setenv("NOTIFY_SOCKET", manager.path().c_str(), 1);
        ::setenv("WATCHDOG_USEC", "1000000", 1);
    }
    ~Managed()
    {
        for (const auto* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY"})
            ::unsetenv(variable);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(Services)

BOOST_FIXTURE_TEST_CASE(a_service_manager_hears_of_start_life_reload_and_end, Managed)
{
    farm.start();
    const auto listening = "READY=1\nSTATUS=Listening on 127.0.0.1:" + std::to_string(farm.port()) + "\n";
    BOOST_TEST(manager.next("READY") == listening);
    BOOST_TEST(manager.next("WATCHDOG") == "WATCHDOG=1\n");
    farm.reload();
    BOOST_TEST(manager.next("RELOADING").starts_with("RELOADING=1\nMONOTONIC_USEC="));
    BOOST_TEST(manager.next("READY") == listening);
    farm.stop();
    BOOST_TEST(manager.next("STOPPING") == "STOPPING=1\n");
}

BOOST_FIXTURE_TEST_CASE(the_key_that_a_service_manager_hands_over_is_the_one_in_use, Managed)
{
    TempDir credentials;
    const auto key = credentials / "apb-farm.key";
    std::ofstream(key) << "not a key";
    std::filesystem::permissions(key, std::filesystem::perms(0600));
    ::setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1);
    BOOST_CHECK_THROW(farm.start(), std::exception);
    BOOST_TEST(farm.log().find("apb-farm.key does not hold a key of 32 bytes") != std::string::npos, farm.log());

    std::ofstream(key) << std::string(32, 'k');
    farm.start();
    BOOST_TEST(!std::filesystem::exists(farm.stateDirectory() / "secret.key"));
}

BOOST_FIXTURE_TEST_CASE(a_build_server_tells_its_manager_too, Managed)
{
    TempDir folder;
    ChildProcess server({(buildDirectory() / "bin/apb-server").string(), "--host", "127.0.0.1", "--port", "0",
                         "--builds-dir", (folder / "builds").string()},
                        folder / "log");
    BOOST_TEST(manager.next("READY").starts_with("READY=1\nSTATUS=Listening on 127.0.0.1:"), server.output());
    BOOST_TEST(manager.next("WATCHDOG") == "WATCHDOG=1\n");
    server.terminate();
    BOOST_TEST(manager.next("STOPPING") == "STOPPING=1\n");
}

BOOST_AUTO_TEST_SUITE_END()

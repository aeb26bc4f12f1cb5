// SPDX-License-Identifier: MIT
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

using std::chrono::milliseconds;

struct Hasty : ServerFixture {
    Hasty()
    {
        options.headerTimeout = milliseconds(400);
        options.idleTimeout = milliseconds(400);
        options.bodyGrace = milliseconds(400);
        addEcho();
        start();
    }
    std::string post(std::size_t length) const
    {
        return "POST /echo HTTP/1.1\r\nHost: farm\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(length) + "\r\n\r\n";
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(Timeouts)

BOOST_FIXTURE_TEST_CASE(closes_silent_and_idle_connections_H13, Hasty)
{
    auto silent = client(), idle = client();
    BOOST_TEST(idle.ask("GET /echo HTTP/1.1\r\nHost: farm\r\n\r\n").status == 200);
    BOOST_TEST(silent.isClosed());
    BOOST_TEST(idle.isClosed());
}

BOOST_FIXTURE_TEST_CASE(a_head_that_comes_drop_by_drop_has_its_time_in_all_H13, Hasty)
{
    auto slow = client();
    const auto begun = std::chrono::steady_clock::now();
    BOOST_TEST(eventually([&] {
        slow.send("G");
        return !slow.isSilentFor(20);
    }));
    BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(5)));
    auto partial = client();
    const auto answer = partial.ask("GET /echo HTTP/1.1\r\nHost:");
    BOOST_TEST(answer.status == 408);
    partial.endInput();
    BOOST_TEST(partial.isClosed());
}

BOOST_FIXTURE_TEST_CASE(a_body_that_crawls_is_given_up_H13, Hasty)
{
    auto slow = client();
    slow.send(post(1000));
    BOOST_TEST(eventually([&] {
        slow.send("x");
        return !slow.isSilentFor(20);
    }));
    BOOST_TEST(slow.receive().status == 408);
    BOOST_TEST(handled == 0);
}

BOOST_FIXTURE_TEST_CASE(a_body_that_comes_fast_enough_may_take_its_time, Hasty)
{
    auto steady = client();
    steady.send(post(3000) + "{");
    for (int sent = 1; sent < 3000; sent += 100) {
        BOOST_REQUIRE(steady.isSilentFor(15)); // about 6 KiB/s
        steady.send(std::string(std::min(100, 3000 - sent), ' '));
    }
    BOOST_TEST(steady.receive().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_does_not_read_is_given_up_H13, ServerFixture)
{
    options.writeTimeout = milliseconds(150);
    router.get("/large", Access::Guest, [](const HttpRequest&, HttpResponse& response) {
        response.send(200, "text/plain", std::string(30 << 20, 'x'));
    });
    start();
    auto deaf = client(4096);
    deaf.send("GET /large HTTP/1.1\r\nHost: farm\r\n\r\n");
    BOOST_TEST(eventually([this] { return observed == 1; }));
    BOOST_TEST(eventually([this] { return server->counters().connections == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

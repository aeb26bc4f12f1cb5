// SPDX-License-Identifier: MIT
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

#include <future>
#include <vector>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

std::string get(const std::string& target, const std::string& fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: farm\r\n" + fields + "\r\n";
}

struct Served : ServerFixture {
    Served() { addEcho(); }

    /// Handlers of "/slow" wait until `release` is set.
    void addSlow()
    {
        router.get("/slow", Access::Guest, [this](const HttpRequest&, HttpResponse& response) {
            ++slow;
            gate.wait();
            response.send(200, "text/plain", "slow");
        });
    }

    std::promise<void> release;
    std::shared_future<void> gate = release.get_future().share();
    std::atomic<int> slow{0};
};

} // namespace

BOOST_AUTO_TEST_SUITE(HttpServer)

BOOST_FIXTURE_TEST_CASE(answers_many_requests_on_one_connection, Served)
{
    start();
    auto connection = client();
    for (int i = 0; i < 20; ++i) {
        const auto answer = connection.ask(get("/item/a%20b" + std::to_string(i)));
        BOOST_TEST(answer.body == "GET a b" + std::to_string(i) + " ");
        BOOST_TEST(!answer.header("date").empty());
        BOOST_TEST(answer.header("connection").empty());
    }
    BOOST_TEST(server->counters().requests == 20u);
    BOOST_TEST(server->counters().connections == 1u);
    BOOST_TEST(observed == 20);
}

BOOST_FIXTURE_TEST_CASE(every_answer_has_an_id_of_its_own, Served)
{
    start();
    auto connection = client();
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i)
        ids.insert(connection.ask(get("/echo")).header("x-request-id"));
    ids.insert(ask(get("/nowhere")).header("x-request-id"));
    ids.insert(ask("bad\r\n\r\n").header("x-request-id"));
    BOOST_TEST(ids.size() == 7u);
    BOOST_TEST(ids.count("") == 0u);
}

BOOST_FIXTURE_TEST_CASE(closes_after_a_thousand_requests_H13, Served)
{
    start();
    auto connection = client();
    for (int i = 0; i < 999; ++i)
        BOOST_REQUIRE(connection.ask(get("/echo")).header("connection").empty());
    BOOST_TEST(connection.ask(get("/echo")).header("connection") == "close");
    BOOST_TEST(connection.isClosed());
}

BOOST_FIXTURE_TEST_CASE(answers_pipelined_requests_in_order_H21, Served)
{
    start();
    auto connection = client();
    std::string requests;
    for (int i = 0; i < 100; ++i) // DELETE runs on a worker, GET on the loop
        requests += (i % 3 ? "GET" : "DELETE") + std::string(" /item/") + std::to_string(i) + " HTTP/1.1\r\nHost: farm\r\n\r\n";
    connection.send(requests);
    for (int i = 0; i < 100; ++i)
        BOOST_REQUIRE(connection.receive().body == (i % 3 ? "GET " : "DELETE ") + std::to_string(i) + " ");
    BOOST_TEST(handled == 100);
}

BOOST_FIXTURE_TEST_CASE(speaks_HTTP_1_0, Served)
{
    start();
    auto closing = client();
    BOOST_TEST(closing.ask("GET /echo HTTP/1.0\r\n\r\n").header("connection") == "close");
    BOOST_TEST(closing.isClosed());
    auto keeping = client();
    BOOST_TEST(keeping.ask("GET /echo HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").header("connection") == "keep-alive");
    BOOST_TEST(keeping.ask("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n").header("connection") == "close");
    BOOST_TEST(keeping.isClosed());
}

BOOST_FIXTURE_TEST_CASE(a_client_may_end_its_input_after_the_request, Served)
{
    start();
    auto connection = client();
    connection.send("DELETE /item/7 HTTP/1.1\r\nHost: farm\r\n\r\n");
    connection.endInput();
    BOOST_TEST(connection.receive().body == "DELETE 7 ");
    BOOST_TEST(connection.isClosed());
}

BOOST_FIXTURE_TEST_CASE(HEAD_OPTIONS_and_wrong_methods_H15, Served)
{
    start();
    auto connection = client();
    const auto head = connection.ask("HEAD /item/7 HTTP/1.1\r\nHost: farm\r\n\r\n", true);
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.header("content-length") == "6");
    const auto choices = connection.ask("OPTIONS /item/7 HTTP/1.1\r\nHost: farm\r\n\r\n");
    BOOST_TEST(choices.status == 204);
    BOOST_TEST(choices.header("allow") == "GET, HEAD, DELETE");
    const auto wrong = connection.ask("PUT /item/7 HTTP/1.1\r\nHost: farm\r\n\r\n");
    BOOST_TEST(wrong.status == 405);
    BOOST_TEST(wrong.header("allow") == "GET, HEAD, DELETE");
    BOOST_TEST(connection.isClosed());
    BOOST_TEST(ask("OPTIONS /nowhere HTTP/1.1\r\nHost: farm\r\n\r\n").status == 404);
    BOOST_TEST(ask("HEAD /nowhere HTTP/1.1\r\nHost: farm\r\n\r\n", true).status == 404);
}

BOOST_FIXTURE_TEST_CASE(pages_of_configured_sites_alone_may_read_answers_W5, Served)
{
    options.corsOrigins = {"https://status.example.com"};
    start();
    const auto from = [&](const std::string& method, const std::string& path, const std::string& origin) {
        return ask(method + " " + path + " HTTP/1.1\r\nHost: farm\r\nAccess-Control-Request-Method: GET\r\nOrigin: " + origin +
                   "\r\n\r\n");
    };
    for (const std::string path : {"/item/7", "/nowhere"}) {
        const auto friendly = from("GET", path, "https://status.example.com");
        BOOST_TEST(friendly.header("access-control-allow-origin") == "https://status.example.com");
        BOOST_TEST(friendly.header("access-control-allow-credentials").empty());
        BOOST_TEST(friendly.header("vary") == "Origin");
        for (const auto* other : {"https://elsewhere.example.com", "http://status.example.com", "null", "*",
                                  "https://status.example.com.evil.example", "HTTPS://STATUS.EXAMPLE.COM"}) {
            const auto foreign = from("GET", path, other);
            BOOST_TEST(foreign.header("access-control-allow-origin").empty());
            BOOST_TEST(foreign.header("vary") == "Origin");
        }
    }
    const auto preflight = from("OPTIONS", "/item/7", "https://status.example.com");
    BOOST_TEST(preflight.status == 204);
    BOOST_TEST(preflight.header("access-control-allow-methods") == "GET, HEAD, DELETE");
    BOOST_TEST(preflight.header("access-control-allow-headers").find("Authorization") != std::string::npos);
    BOOST_TEST(from("OPTIONS", "/item/7", "https://elsewhere.example.com").header("access-control-allow-methods").empty());
    // Nothing of it stays with the next request on the same connection.
    auto connection = client();
    connection.ask("GET /item/7 HTTP/1.1\r\nHost: farm\r\nOrigin: https://status.example.com\r\n\r\n");
    BOOST_TEST(connection.ask(get("/item/7")).header("access-control-allow-origin").empty());
}

BOOST_FIXTURE_TEST_CASE(asks_for_access_before_the_body_X2_H19, Served)
{
    router.post("/user", Access::User, BodyKind::Json, echo());
    router.post("/admin", Access::Admin, BodyKind::Json, echo());
    start();
    const auto post = [](const std::string& path, const std::string& fields, std::size_t length) {
        return "POST " + path + " HTTP/1.1\r\nHost: farm\r\nContent-Type: application/json\r\n" + fields +
               "Expect: 100-continue\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
    };
    const auto guest = ask(post("/user", "", 2));
    BOOST_TEST(guest.status == 401);
    BOOST_TEST(guest.body.find("Authentication required") != std::string::npos);
    BOOST_TEST(!guest.header("www-authenticate").empty());
    const auto user = ask(post("/admin", "Authorization: Bearer user\r\n", 2));
    BOOST_TEST(user.status == 403);
    BOOST_TEST(user.body.find("Admin role required to perform this action") != std::string::npos);
    BOOST_TEST(ask(post("/user", "Cookie: token=user\r\nOrigin: https://evil.example.org\r\n", 2)).status == 403);
    BOOST_TEST(ask(post("/user", "Authorization: Bearer user\r\n", 70000)).status == 413);
    BOOST_TEST(handled == 0);

    auto connection = client();
    connection.send(post("/admin", "Authorization: Bearer admin\r\n", 2));
    BOOST_TEST(connection.receive().status == 100);
    connection.send("{}");
    BOOST_TEST(connection.receive().body == "POST  {}");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_without_a_body_keeps_the_connection, Served)
{
    router.get("/user", Access::User, echo());
    router.get("/missing", Access::Guest, [](const HttpRequest&, HttpResponse&) { throw NotFound("No such build", "build_not_found"); });
    start();
    auto connection = client();
    BOOST_TEST(connection.ask(get("/user")).status == 401);
    BOOST_TEST(connection.ask(get("/missing")).status == 404);
    BOOST_TEST(connection.ask(get("/user", "Authorization: Bearer user\r\n")).status == 200);
}

BOOST_FIXTURE_TEST_CASE(drops_small_bodies_nobody_wants_H10, Served)
{
    start();
    auto connection = client();
    BOOST_TEST(connection.ask("DELETE /item/7 HTTP/1.1\r\nHost: f\r\nContent-Length: 31\r\n\r\nGET /item/8 HTTP/1.1\r\nHost: f\r\n").body == "DELETE 7 ");
    BOOST_TEST(connection.ask("DELETE /item/9 HTTP/1.1\r\nHost: f\r\n\r\n").body == "DELETE 9 ");
    BOOST_TEST(connection.ask("DELETE /item/9 HTTP/1.1\r\nHost: f\r\nContent-Length: 65537\r\n\r\n").status == 413);
}

BOOST_FIXTURE_TEST_CASE(what_a_handler_throws_becomes_the_farm_s_error_H23, Served)
{
    const auto add = [this](const std::string& path, auto thrower) {
        router.get(path, Access::Guest, [thrower](const HttpRequest&, HttpResponse& response) {
            response.header("X-Half", "done");
            thrower();
        });
    };
    add("/input", [] { throw InvalidInput("Bad", "bad_thing", {{"name", "too \"long\""}}); });
    add("/many", [] { throw TooMany("Slow down", std::chrono::seconds(7)); });
    add("/full", [] { throw StorageFull("Full"); });
    add("/shaped", [] { throw http::ShapedError(503, "no_server", "No server", "none", R"({"detail":{"a":1},"x":"y"})"); });
    add("/secret", [] { throw std::runtime_error("password is hunter2"); });
    add("/odd", [] { throw 7; });
    add("/nothing", [] {});
    start();
    auto connection = client();
    const auto invalid = connection.ask(get("/input"));
    BOOST_TEST(invalid.status == 400);
    BOOST_TEST(invalid.header("x-half").empty());
    BOOST_TEST(invalid.body.find(R"({"error":"Invalid input","detail":"Bad","error_type":"bad_thing","timestamp":")") == 0u);
    BOOST_TEST(invalid.body.find(R"("fields":[{"field":"name","message":"too \"long\""}]})") != std::string::npos);
    BOOST_TEST(connection.ask(get("/many")).header("retry-after") == "7");
    BOOST_TEST(connection.ask(get("/full")).status == 507);
    const auto shaped = connection.ask(get("/shaped"));
    BOOST_TEST(shaped.status == 503);
    BOOST_TEST(shaped.body.find(R"({"detail":{"a":1},"x":"y","error":"No server","error_type":"no_server")") == 0u);
    const auto secret = connection.ask(get("/secret"));
    BOOST_TEST(secret.status == 500);
    BOOST_TEST(secret.body.find("hunter2") == std::string::npos);
    BOOST_TEST(connection.ask(get("/odd")).status == 500);
    BOOST_TEST(connection.ask(get("/nothing")).status == 500);
}

BOOST_FIXTURE_TEST_CASE(refuses_response_headers_with_control_bytes_H20, Served)
{
    router.get("/split", Access::Guest, [](const HttpRequest&, HttpResponse& response) {
        BOOST_CHECK_THROW(response.header("X-A", "a\nb"), std::invalid_argument);
        BOOST_CHECK_THROW(response.header("X A", "a"), std::invalid_argument);
        BOOST_CHECK_THROW(response.header("content-length", "1"), std::invalid_argument);
        BOOST_CHECK_THROW(response.send(200, "text/plain\r\nX: y", ""), std::invalid_argument);
        response.header("Location", "/a\r\nSet-Cookie: b=c");
    });
    start();
    const auto answer = ask(get("/split"));
    BOOST_TEST(answer.status == 500);
    BOOST_TEST(answer.header("set-cookie").empty());
}

BOOST_FIXTURE_TEST_CASE(default_headers_go_with_every_answer_unless_replaced_W2, Served)
{
    options.headers = {{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}};
    router.get("/own", Access::Guest, [](const HttpRequest&, HttpResponse& response) {
        response.header("cache-control", "max-age=60");
        response.send(200, "text/plain", "");
    });
    start();
    auto connection = client();
    BOOST_TEST(connection.ask(get("/own")).header("cache-control") == "max-age=60");
    connection.send(get("/own"));
    const auto head = connection.receiveUntil("\r\n\r\n");
    BOOST_TEST(head.find("no-store") == std::string::npos);
    BOOST_TEST(head.find("nosniff") != std::string::npos);
    BOOST_TEST(connection.ask(get("/echo")).header("cache-control") == "no-store");
    BOOST_TEST(ask("x\r\n\r\n").header("x-content-type-options") == "nosniff");
}

BOOST_FIXTURE_TEST_CASE(says_503_when_all_workers_are_taken_and_the_queue_is_full, Served)
{
    addSlow();
    options.workers = 2;
    options.waitingRequests = 1;
    start();
    std::vector<RawClient> clients;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(client());
        clients.back().send(get("/slow"));
        BOOST_REQUIRE(eventually([&] { return slow == i + 1; }));
    }
    clients.push_back(client());
    clients.back().send(get("/slow"));
    BOOST_REQUIRE(eventually([this] { return server->counters().waiting == 1; }));
    auto refused = client();
    const auto answer = refused.ask(get("/slow"));
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(!answer.header("retry-after").empty());
    BOOST_TEST(refused.ask(get("/echo")).status == 200); // the loop is free, and the connection was kept
    release.set_value();
    for (auto& waiting : clients)
        BOOST_TEST(waiting.receive().body == "slow");
}

BOOST_FIXTURE_TEST_CASE(what_is_no_request_is_never_put_down_to_the_client_of_an_earlier_one_H24, Served)
{
    options.trustedProxies = {"127.0.0.1"};
    options.loops = 1;
    std::vector<std::string> clients;
    server.reset();
    server.emplace(options, router, gatekeeper, &http::renderFarmError,
                   [&](const http::RequestRecord& record) { clients.emplace_back(record.clientAddress); });
    BOOST_TEST(ask("GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n").status == 200);
    BOOST_TEST(ask("GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").status == 400);
    BOOST_TEST(clients == (std::vector<std::string>{"192.0.2.7", "127.0.0.1"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(believes_only_configured_proxies_about_the_client_H24, Served)
{
    router.get("/address", Access::Guest, [](const HttpRequest& request, HttpResponse& response) {
        response.send(200, "text/plain", std::string(request.clientAddress()));
    });
    start();
    BOOST_TEST(ask(get("/address", "X-Forwarded-For: 10.9.8.7\r\n")).body == "127.0.0.1");
    options.trustedProxies = {"127.0.0.1", "10.0.0.2"};
    start();
    const auto address = [this](const std::string& fields) { return ask(get("/address", fields)).body; };
    BOOST_TEST(address("") == "127.0.0.1");
    BOOST_TEST(address("X-Forwarded-For: 10.9.8.7\r\n") == "10.9.8.7");
    BOOST_TEST(address("X-Forwarded-For: 6.6.6.6, 10.9.8.7, 10.0.0.2\r\n") == "10.9.8.7");
    BOOST_TEST(address("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 10.9.8.7:4711\r\n") == "10.9.8.7");
    BOOST_TEST(address("X-Forwarded-For: nonsense\r\n") == "127.0.0.1");
    BOOST_TEST(address("Forwarded: for=6.6.6.6, for=\"[2001:DB8::1]:80\";proto=https\r\n") == "2001:db8::1");
}

BOOST_FIXTURE_TEST_CASE(turns_connections_over_the_limit_away_with_an_answer, Served)
{
    options.maxConnections = 2;
    start();
    auto first = client(), second = client();
    BOOST_TEST(first.ask(get("/echo")).status == 200);
    BOOST_TEST(second.ask(get("/echo")).status == 200);
    auto third = client();
    BOOST_TEST(third.receive().status == 503);
    third.endInput();
    BOOST_TEST(third.isClosed());
    first.hangUp();
    BOOST_TEST(eventually([&] { return ask(get("/echo")).status == 200; }));
}

BOOST_FIXTURE_TEST_CASE(idle_connections_do_not_slow_others, Served)
{
    start();
    std::vector<RawClient> idle;
    for (int i = 0; i < 2000; ++i)
        idle.push_back(client());
    BOOST_TEST(eventually([this] { return server->counters().connections == 2000; }));
    auto busy = client();
    for (int i = 0; i < 200; ++i)
        BOOST_REQUIRE(busy.ask(get("/echo")).status == 200);
    BOOST_TEST(idle.front().ask(get("/echo")).status == 200);
    BOOST_TEST(idle.back().ask(get("/echo")).status == 200);
}

BOOST_FIXTURE_TEST_CASE(sends_large_answers_to_slow_readers_whole, Served)
{
    const std::string large(20 << 20, 'x');
    router.get("/large", Access::Guest, [&](const HttpRequest&, HttpResponse& response) {
        response.send(200, "text/plain", large);
    });
    start();
    auto slow = client(4096);
    slow.send(get("/large") + get("/echo"));
    BOOST_TEST(ask(get("/echo")).status == 200);
    BOOST_TEST((slow.receive().body == large));
    BOOST_TEST(slow.receive().body == "GET  ");
}

BOOST_FIXTURE_TEST_CASE(lets_running_requests_end_when_it_stops_O5, Served)
{
    addSlow();
    options.loops = 1; // so that the idle connection's end tells that the other's loop knows
    start();
    auto idle = client(), running = client();
    BOOST_TEST(idle.ask(get("/echo")).status == 200);
    running.send(get("/slow"));
    BOOST_REQUIRE(eventually([this] { return slow == 1; }));
    auto stopping = std::async(std::launch::async, [this] { server->stop(std::chrono::seconds(10)); });
    BOOST_TEST(idle.isClosed());
    release.set_value();
    const auto answer = running.receive();
    BOOST_TEST(answer.body == "slow");
    BOOST_TEST(answer.header("connection") == "close");
    running.endInput();
    stopping.get();
    BOOST_CHECK_THROW(client(), std::runtime_error);
    server->stop();
}

BOOST_FIXTURE_TEST_CASE(gives_up_on_running_requests_after_the_grace_O5, Served)
{
    addSlow();
    start();
    auto running = client();
    running.send(get("/slow"));
    BOOST_REQUIRE(eventually([this] { return slow == 1; }));
    server->stop(std::chrono::milliseconds(50));
    BOOST_TEST(running.isClosed());
    release.set_value();
    server.reset();
}

BOOST_FIXTURE_TEST_CASE(does_not_share_its_port_with_a_second_farm, Served)
{
    start();
    options.port = server->port();
    std::optional<http::HttpServer> second;
    BOOST_CHECK_THROW(second.emplace(options, router, gatekeeper, &http::renderFarmError), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

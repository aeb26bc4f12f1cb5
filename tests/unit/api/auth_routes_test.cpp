// SPDX-License-Identifier: MIT
#include "api/auth_routes.h"

#include "http/router.h"
#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_http.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

constexpr auto kPassword = "correct horse";

struct Routes {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryTokenStore tokens;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator authenticator{users};
    service::PasswordPool pool{1};
    service::LoginThrottle throttle{clock};
    User alice = account();
    service::AuthenticatorChain chain{{{"quick", authenticator}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};
    api::AuthRoutes routes{sessions};
    http::Router router;

    Routes() { routes.declare(router); }

    User account()
    {
        User user;
        user.username = "alice";
        user.createdAt = clock.wall();
        return users.create(user, authenticator.hash(kPassword));
    }
    test::MemoryResponse call(const test::MemoryRequest& request)
    {
        const auto match = router.find(request.method(), util::splitList(request.target(), '/'));
        BOOST_REQUIRE(match.route);
        test::MemoryResponse response;
        match.route->handler(request, response);
        return response;
    }
    test::MemoryResponse login(const std::string& body)
    {
        return call(test::MemoryRequest("POST", "/auth/login").withBody(body));
    }
    std::string token()
    {
        const auto answer = login(R"({"username":"alice","password":"correct horse"})");
        return util::parseJsonObject(answer.body)->getValue<std::string>("token");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(AuthRoutes)

BOOST_FIXTURE_TEST_CASE(login_answers_in_the_recorded_shape, Routes)
{
    const auto answer = login(R"({"username":"alice","password":"correct horse","remember":true})");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.contentType == "application/json");
    const auto token = util::parseJsonObject(answer.body)->getValue<std::string>("token");
    BOOST_TEST(token.size() == 43u);
    BOOST_TEST(answer.body == R"({"token":")" + token
                                  + R"(","user":{"id":1,"username":"alice","role":"user","created_at":1800000000.0,)"
                                    R"("last_login":1800000000.0,"email":null},"expires_in_days":10})");
    BOOST_TEST(answer.all("Set-Cookie").empty());
    BOOST_TEST(answer.all("Cache-Control").front() == "no-store");
}

BOOST_FIXTURE_TEST_CASE(login_refuses_what_is_not_two_texts, Routes)
{
    for (const auto* body : {"", "[]", "{}", R"({"username":"alice"})", R"({"username":"alice","password":12345678})",
                             R"({"username":null,"password":"correct horse"})",
                             R"({"username":["alice"],"password":"correct horse"})",
                             R"({"username":"alice","password":"correct horse","password":"x"})"})
        BOOST_CHECK_THROW(login(body), InvalidInput);
    BOOST_CHECK_THROW(login(R"({"username":"alice","password":"wrong password"})"), Unauthenticated);
}

BOOST_FIXTURE_TEST_CASE(me_answers_what_clients_need, Routes)
{
    alice.email = "alice@example.com";
    users.update(alice);
    const auto answer = call(test::MemoryRequest("GET", "/auth/me").as(sessions.identify(token())));
    BOOST_TEST(answer.body == R"({"id":1,"username":"alice","role":"user","created_at":1800000000.0,)"
                              R"("last_login":1800000000.0,"email":"alice@example.com",)"
                              R"("email_notifications_enabled":true})");
}

BOOST_FIXTURE_TEST_CASE(logout_ends_the_session_and_answers_200_also_without_one, Routes)
{
    const auto session = token();
    const auto answer = call(test::MemoryRequest("POST", "/auth/logout").as(sessions.identify(session)));
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == R"({"message":"Logged out successfully"})");
    BOOST_TEST(!sessions.identify(session));
    BOOST_TEST(call(test::MemoryRequest("POST", "/auth/logout")).body == answer.body);
}

BOOST_FIXTURE_TEST_CASE(the_logout_page_ends_the_session_and_its_cookies, Routes)
{
    const auto session = token();
    const auto answer = call(test::MemoryRequest("GET", "/auth/logout").as(sessions.identify(session)));
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(answer.all("Location").front() == "/dashboard?logged_out=1");
    BOOST_TEST(answer.all("Set-Cookie").size() == 3u);
    BOOST_TEST(!sessions.identify(session));
}

BOOST_FIXTURE_TEST_CASE(a_link_on_a_foreign_page_does_not_log_out, Routes)
{
    const auto session = token();
    test::MemoryRequest link("GET", "/auth/logout");
    call(link.withHeader("Sec-Fetch-Site", "cross-site").as(sessions.identify(session)));
    BOOST_TEST(sessions.identify(session).has_value());
}

BOOST_FIXTURE_TEST_CASE(signs_of_a_proxy_make_an_arrival_forwarded_u10, Routes)
{
    BOOST_CHECK(api::arrivalOf(test::MemoryRequest("POST", "/auth/login")) == service::Arrival::Direct);
    for (const auto* name : {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"})
        BOOST_CHECK(api::arrivalOf(test::MemoryRequest("POST", "/auth/login").withHeader(name, "127.0.0.1"))
                    == service::Arrival::Forwarded);
}

BOOST_FIXTURE_TEST_CASE(only_me_asks_for_a_signed_in_user, Routes)
{
    for (const auto& route : router.routes())
        BOOST_CHECK((route->access == Access::User) == (route->pattern == "/auth/me"));
    BOOST_TEST(router.routes().size() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "api/session_gate.h"

#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_http.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

constexpr auto kPassword = "correct horse";

struct Gate {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryTokenStore tokens;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator authenticator{users};
    service::PasswordPool pool{1};
    service::LoginThrottle throttle{clock};
    User alice = account("alice", Role::User), admin = account("admin", Role::Admin);
    service::AuthenticatorChain chain{{{"quick", authenticator}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};
    api::SessionGate gate{sessions, {"https://farm.example.com/"}};
    std::string alices = token("alice"), admins = token("admin");

    User account(const std::string& name, Role role)
    {
        User user;
        user.username = name;
        user.role = role;
        return users.create(user, authenticator.hash(kPassword));
    }
    std::string token(const std::string& name) { return sessions.login(name, kPassword, "192.0.2.1", "").token; }

    std::string who(const std::string& authorization, const std::string& cookie)
    {
        const auto caller = gate.identify(authorization, cookie, "192.0.2.1");
        return caller ? caller->username : "guest";
    }
    /// A change from a page of the farm, with all that is asked of one.
    test::MemoryRequest pageRequest()
    {
        test::MemoryRequest request("POST", "/build/x/cancel");
        request.withHeader("Host", "farm.local:8080").withHeader("Cookie", "apb_session=" + alices);
        return request.as(gate.identify("", "apb_session=" + alices, "192.0.2.1"));
    }
    std::string verdict(const HttpRequest& request, api::SessionGate* other = nullptr)
    {
        try {
            (other ? *other : gate).checkOrigin(request);
            return "passed";
        } catch (const Forbidden& error) {
            return error.code();
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(SessionGate)

BOOST_FIXTURE_TEST_CASE(a_bearer_token_is_taken_whatever_the_case_of_the_scheme, Gate)
{
    for (const auto* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR   "})
        BOOST_TEST(who(scheme + alices, "") == "alice");
}

BOOST_FIXTURE_TEST_CASE(every_kind_of_session_cookie_is_taken, Gate)
{
    for (const auto* name : {"__Host-apb_session", "apb_session", "authToken"}) {
        BOOST_TEST(who("", std::string(name) + "=" + alices) == "alice");
        BOOST_TEST(who("", "theme=dark; " + std::string(name) + "=" + alices + "; x=y") == "alice");
    }
    BOOST_TEST(who("", "my_apb_session=" + alices) == "guest");
    BOOST_TEST(who("", "") == "guest");
    BOOST_TEST(who("", ";;=;apb_session") == "guest");
}

BOOST_FIXTURE_TEST_CASE(a_header_wins_over_a_cookie_u9, Gate)
{
    BOOST_TEST(who("Bearer " + admins, "apb_session=" + alices) == "admin");
}

BOOST_FIXTURE_TEST_CASE(a_bad_header_is_not_rescued_by_a_good_cookie, Gate)
{
    BOOST_TEST(who("Bearer " + std::string(43, 'x'), "authToken=" + alices) == "guest");
    BOOST_TEST(who("Bearer x", "authToken=" + alices) == "guest");
}

BOOST_FIXTURE_TEST_CASE(another_scheme_counts_as_no_header, Gate)
{
    BOOST_TEST(who("Basic YWRtaW46YWRtaW4xMjM=", "authToken=" + alices) == "alice");
    BOOST_TEST(who("Bearer" + alices, "") == "guest");
    BOOST_TEST(who("Basic " + alices, "") == "guest");
}

BOOST_FIXTURE_TEST_CASE(a_change_by_cookie_needs_own_origin_and_the_pages_token_u9, Gate)
{
    const auto csrf = api::csrfTokenFor(alices);
    auto good = pageRequest().withHeader("Origin", "http://farm.local:8080").withHeader("X-CSRF-Token", csrf);
    BOOST_TEST(verdict(good) == "passed");
    auto fetched = pageRequest().withHeader("Sec-Fetch-Site", "same-origin").withHeader("X-CSRF-Token", csrf);
    BOOST_TEST(verdict(fetched) == "passed");
    auto proxied = pageRequest().withHeader("Origin", "https://farm.example.com").withHeader("X-CSRF-Token", csrf);
    BOOST_TEST(verdict(proxied) == "passed");
}

BOOST_FIXTURE_TEST_CASE(a_change_by_cookie_from_elsewhere_is_refused_u9, Gate)
{
    const auto csrf = api::csrfTokenFor(alices);
    for (const auto* origin : {"http://evil.example", "http://farm.local:8081", "http://farm.local", "null", "",
                               "http://farm.local:8080.evil.example"})
        BOOST_TEST(verdict(pageRequest().withHeader("Origin", origin).withHeader("X-CSRF-Token", csrf)) == "cross_site_request");
    for (const auto* site : {"cross-site", "same-site", "none"})
        BOOST_TEST(verdict(pageRequest().withHeader("Sec-Fetch-Site", site).withHeader("Origin", "http://farm.local:8080")
                               .withHeader("X-CSRF-Token", csrf)) == "cross_site_request");
    BOOST_TEST(verdict(pageRequest().withHeader("X-CSRF-Token", csrf)) == "cross_site_request");
}

BOOST_FIXTURE_TEST_CASE(a_change_by_cookie_without_its_own_sessions_token_is_refused_u9, Gate)
{
    for (const auto& csrf : {std::string(), std::string("x"), api::csrfTokenFor(admins), alices, util::sha256Hex(alices)})
        BOOST_TEST(verdict(pageRequest().withHeader("Origin", "http://farm.local:8080").withHeader("X-CSRF-Token", csrf))
                   == "csrf_token_invalid");
    BOOST_TEST(verdict(pageRequest().withHeader("Origin", "http://farm.local:8080")) == "csrf_token_invalid");
}

BOOST_FIXTURE_TEST_CASE(the_historic_cookie_is_under_the_same_rule_u9, Gate)
{
    test::MemoryRequest request("DELETE", "/auth/users/2");
    request.withHeader("Cookie", "authToken=" + alices).as(gate.identify("", "authToken=" + alices, ""));
    BOOST_TEST(verdict(request) == "cross_site_request");
}

BOOST_FIXTURE_TEST_CASE(bearer_requests_guests_and_reading_need_neither_u9, Gate)
{
    test::MemoryRequest bearer("POST", "/build");
    bearer.withHeader("Authorization", "Bearer " + alices).withHeader("Cookie", "apb_session=" + admins)
        .withHeader("Origin", "http://elsewhere.example").as(gate.identify("Bearer " + alices, "", ""));
    BOOST_TEST(verdict(bearer) == "passed");
    test::MemoryRequest guest("POST", "/auth/login");
    BOOST_TEST(verdict(guest) == "passed");
    test::MemoryRequest reading("GET", "/my/builds");
    reading.withHeader("Cookie", "apb_session=" + alices).as(gate.identify("", "apb_session=" + alices, ""));
    BOOST_TEST(verdict(reading) == "passed");
}

BOOST_FIXTURE_TEST_CASE(somebody_with_a_session_may_log_in_anew_with_a_plain_form_u8, Gate)
{
    for (const auto* path : {"/login", "/auth/login"}) {
        test::MemoryRequest request("POST", path);
        request.withHeader("Cookie", "apb_session=" + alices).as(gate.identify("", "apb_session=" + alices, ""));
        BOOST_TEST(verdict(request) == "passed");
    }
    test::MemoryRequest other("POST", "/login/../logout");
    other.withHeader("Cookie", "apb_session=" + alices).as(gate.identify("", "apb_session=" + alices, ""));
    BOOST_TEST(verdict(other) == "cross_site_request");
}

BOOST_FIXTURE_TEST_CASE(another_scheme_beside_a_cookie_does_not_lift_the_rule_u9, Gate)
{
    auto request = pageRequest().withHeader("Authorization", "Basic eDp5").withHeader("Origin", "http://evil.example");
    BOOST_TEST(verdict(request) == "cross_site_request");
}

BOOST_FIXTURE_TEST_CASE(the_csrf_token_of_a_request_is_that_of_its_cookie, Gate)
{
    BOOST_TEST(api::csrfTokenFor(pageRequest()) == api::csrfTokenFor(alices));
    BOOST_TEST(api::csrfTokenFor(test::MemoryRequest("GET", "/")).empty());
}

BOOST_FIXTURE_TEST_CASE(cookies_are_closed_to_scripts_and_other_sites_u8, Gate)
{
    BOOST_TEST(api::sessionCookie("t", std::chrono::hours(1), false)
               == "apb_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600");
    BOOST_TEST(api::sessionCookie("t", std::chrono::hours(1), true)
               == "__Host-apb_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure");
    BOOST_TEST(api::endedSessionCookies().size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(with_authentication_off_everybody_is_admin_but_foreign_pages_change_nothing, Gate)
{
    service::SessionService open(users, tokens, audit, chain, pool, throttle, clock, {.authOff = true});
    api::SessionGate openGate(open);
    const auto caller = openGate.identify("", "", "127.0.0.1");
    BOOST_REQUIRE(caller);
    BOOST_TEST(caller->username == "admin");
    test::MemoryRequest tool("POST", "/build");
    BOOST_TEST(verdict(tool.as(caller), &openGate) == "passed");
    BOOST_TEST(verdict(tool.withHeader("Origin", "http://evil.example"), &openGate) == "cross_site_request");
}

BOOST_AUTO_TEST_SUITE_END()

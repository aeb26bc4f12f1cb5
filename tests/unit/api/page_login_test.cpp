// SPDX-License-Identifier: MIT
#include "api/session_gate.h"

#include "page_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using test::has;

namespace {

constexpr auto kRight = "username=alice&password=correct+horse";

struct Login : test::PageFarm {
    Login() { account("alice", Role::User); }

    test::MemoryRequest form() { return test::MemoryRequest("POST", "/login").withHeader("Host", "farm.local:8080"); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(PageLogin)

BOOST_FIXTURE_TEST_CASE(the_form_works_without_script, Login)
{
    const auto page = ask("/login");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page.body, "<form method=\"post\" action=\"/login\""));
    BOOST_TEST(page.all("Referrer-Policy")[0] == "same-origin");
}

BOOST_FIXTURE_TEST_CASE(U8_a_right_password_begins_a_session_that_scripts_cannot_read, Login)
{
    const auto answer = post(form().withHeader("Origin", "http://farm.local:8080"), kRight);
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(answer.all("Location")[0] == "/dashboard");
    BOOST_REQUIRE(answer.all("Set-Cookie").size() == 1u);
    const auto cookie = answer.all("Set-Cookie")[0];
    BOOST_TEST(cookie.starts_with("apb_session="));
    for (const auto* attribute : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=864000"})
        BOOST_TEST(has(cookie, attribute), attribute);
    BOOST_TEST(!has(cookie, "Secure"));
    const auto token = std::string(api::sessionTokenOf(std::string_view(cookie).substr(0, cookie.find(';'))));
    const auto who = sessions.identify(token);
    BOOST_REQUIRE(who.has_value());
    BOOST_TEST(who->username == "alice");
    BOOST_TEST(!has(answer.body, token));
}

BOOST_FIXTURE_TEST_CASE(U8_behind_tls_the_cookie_is_bound_to_it, Login)
{
    publicUrl = "https://farm.example.com";
    open();
    const auto answer = post(form().withHeader("Origin", "https://farm.example.com"), kRight);
    BOOST_REQUIRE(answer.all("Set-Cookie").size() == 1u);
    BOOST_TEST(answer.all("Set-Cookie")[0].starts_with("__Host-apb_session="));
    BOOST_TEST(has(answer.all("Set-Cookie")[0], "; Secure"));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_password_shows_the_form_again_without_it, Login)
{
    const auto answer = post(form(), "username=alice&password=not+the+right+one");
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(answer.all("Set-Cookie").empty());
    BOOST_TEST(has(answer.body, "value=\"alice\""));
    BOOST_TEST(has(answer.body, "role=\"alert\""));
    BOOST_TEST(!has(answer.body, "right one"));
}

BOOST_FIXTURE_TEST_CASE(U5_too_many_wrong_passwords_say_when_to_come_back, Login)
{
    test::MemoryResponse answer;
    for (int i = 0; i < 20 && answer.status != 429; ++i)
        answer = post(form(), "username=alice&password=not+the+right+one");
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(answer.all("Retry-After").size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_foreign_page_can_neither_log_in_nor_out, Login)
{
    const auto tryWith = [&](const char* header, const char* value) {
        return post(form().withHeader(header, value), kRight);
    };
    for (const auto& answer : {tryWith("Origin", "http://evil.example"), tryWith("Origin", "null"),
                               tryWith("Sec-Fetch-Site", "cross-site"), tryWith("Sec-Fetch-Site", "same-site")}) {
        BOOST_TEST(answer.status == 403);
        BOOST_TEST(answer.all("Set-Cookie").empty());
    }
    auto logout = test::MemoryRequest("POST", "/logout").withHeader("Sec-Fetch-Site", "cross-site");
    BOOST_TEST(post(logout, "").all("Set-Cookie").empty());
}

BOOST_FIXTURE_TEST_CASE(it_leads_back_to_a_build_and_to_no_other_place, Login)
{
    const auto id = util::randomUuid();
    BOOST_TEST(has(ask("/login?build=" + id).body, "value=\"" + id + "\""));
    BOOST_TEST(post(form(), kRight + ("&build=" + id)).all("Location")[0] == "/build/" + id + "/status");
    for (const auto* elsewhere : {"//evil.example", "https%3A%2F%2Fevil.example", "..%2F..", "x"}) {
        BOOST_TEST(post(form(), std::string(kRight) + "&build=" + elsewhere).all("Location")[0] == "/dashboard");
        BOOST_TEST(!has(ask(std::string("/login?build=") + elsewhere).body, "name=\"build\""));
    }
}

BOOST_FIXTURE_TEST_CASE(pages_of_a_session_carry_the_token_that_changes_need, Login)
{
    const auto bob = as("bob", Role::User);
    test::MemoryRequest request("GET", "/dashboard");
    request.withHeader("Cookie", "apb_session=secret-token").as(bob);
    test::MemoryResponse answer;
    const auto match = router->find("GET", {"dashboard"});
    match.route->handler(request, answer);
    BOOST_TEST(has(answer.body, "<meta name=\"csrf-token\" content=\"" + api::csrfTokenFor("secret-token") + "\">"));
    BOOST_TEST(!has(answer.body, "secret-token\""));
    BOOST_TEST(!has(ask("/dashboard").body, "csrf-token"));
}

BOOST_FIXTURE_TEST_CASE(U7_logging_out_ends_the_session_and_every_cookie, Login)
{
    const auto token = sessions.login("alice", kPassword, "192.0.2.1", "").token;
    const auto alice = *sessions.identify(token);
    auto request = test::MemoryRequest("POST", "/logout").withHeader("Sec-Fetch-Site", "same-origin");
    const auto answer = post(request, "", &alice);
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(answer.all("Set-Cookie").size() == 3u);
    BOOST_TEST(!sessions.identify(token).has_value());
}

BOOST_FIXTURE_TEST_CASE(who_is_logged_in_already_is_sent_on, Login)
{
    const auto bob = as("bob", Role::User);
    BOOST_TEST(ask("/login", &bob).status == 303);
}

BOOST_AUTO_TEST_SUITE_END()

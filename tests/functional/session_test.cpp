// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

struct Accounts {
    Accounts() { startWithUsers(farm); }

    HttpAnswer login(const std::string& name, const std::string& password)
    {
        return farm.guest().postJson("/auth/login",
                                     "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}");
    }
    /// Of a session of its own.
    HttpClient signedIn(const std::string& name)
    {
        auto client = farm.guest();
        client.always("Authorization", "Bearer " + member(login(name, "admin123"), "token"));
        return client;
    }
    std::string passwordHashOf(const std::string& name)
    {
        const auto output = farm.folder() / "hash";
        std::filesystem::remove(output);
        ChildProcess query({"sqlite3", "-readonly", farm.stateDirectory() / "farm.db",
                            "SELECT password_hash FROM users WHERE username = '" + name + "'"},
                           output);
        query.wait();
        return query.output();
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Sessions)

BOOST_FIXTURE_TEST_CASE(an_account_of_an_older_farm_logs_in_and_its_hash_is_renewed_U2, Accounts)
{
    BOOST_TEST(passwordHashOf("alice").starts_with("0123456789abcdef"));
    const auto answer = login("alice", "admin123");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(member(answer, "token").size() == 43u);
    BOOST_TEST(json(answer)->getObject("user")->getValue<std::string>("username") == "alice");
    BOOST_TEST(json(answer)->getValue<int>("expires_in_days") == 10);
    BOOST_TEST(eventually([&] { return !passwordHashOf("alice").starts_with("0123456789abcdef"); }));
    BOOST_TEST(login("alice", "admin123").status == 200);
    BOOST_TEST(login("alice", "admin124").status == 401);
    BOOST_TEST(login("nobody", "admin123").body.substr(0, 60) == login("alice", "admin124").body.substr(0, 60));
}

BOOST_FIXTURE_TEST_CASE(everybody_sees_who_they_are, Accounts)
{
    const auto me = json(signedIn("alice").get("/auth/me"));
    BOOST_TEST(me->getValue<std::string>("username") == "alice");
    BOOST_TEST(me->getValue<std::string>("role") == "user");
    BOOST_TEST(member(farm.admin().get("/auth/me"), "role") == "admin");
    BOOST_TEST(farm.guest().get("/auth/me").status == 401);
    const auto farmOf = [](const HttpClient& client) { return json(client.get("/farm")); };
    BOOST_TEST(farmOf(farm.guest())->getValue<std::string>("user_role") == "guest");
    BOOST_TEST(!farmOf(farm.guest())->getValue<bool>("authenticated"));
    BOOST_TEST(farmOf(signedIn("alice"))->getValue<std::string>("user_role") == "user");
    BOOST_TEST(farmOf(farm.admin())->getValue<std::string>("user_role") == "admin");
}

BOOST_FIXTURE_TEST_CASE(logging_out_ends_that_session_at_once_and_no_other_U7, Accounts)
{
    const auto first = signedIn("alice");
    const auto second = signedIn("alice");
    BOOST_TEST(first.get("/auth/me").status == 200);
    BOOST_TEST(first.post("/auth/logout").status == 200);
    BOOST_TEST(first.get("/auth/me").status == 401);
    BOOST_TEST(submit(first, "too-late").status == 401);
    BOOST_TEST(second.get("/auth/me").status == 200);
    BOOST_TEST(farm.guest().post("/auth/logout").status == 200);

    farm.kill();
    farm.start();
    auto restarted = farm.guest();
    BOOST_TEST(restarted.get("/auth/me").status == 401);
    BOOST_TEST(signedIn("alice").get("/auth/me").status == 200);
}

BOOST_FIXTURE_TEST_CASE(sessions_survive_a_crash_and_ended_ones_stay_ended, Accounts)
{
    const auto kept = member(login("alice", "admin123"), "token");
    const auto ended = member(login("alice", "admin123"), "token");
    const auto meOf = [&](const std::string& token) {
        return farm.guest().get("/auth/me", {{"Authorization", "Bearer " + token}}).status;
    };
    BOOST_TEST(farm.guest().post("/auth/logout", "", {{"Authorization", "Bearer " + ended}}).status == 200);
    farm.kill();
    farm.start();
    BOOST_TEST(meOf(kept) == 200);
    BOOST_TEST(meOf(ended) == 401);
}

BOOST_FIXTURE_TEST_CASE(a_browser_logs_in_with_a_form_and_sends_its_pages_mark_with_every_change_U8_U9, Accounts)
{
    const std::string origin = "http://127.0.0.1:" + std::to_string(farm.port());
    const HttpHeaders form{{"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", origin}};
    const auto answer = farm.guest().post("/login", "username=alice&password=admin123", form);
    BOOST_TEST_REQUIRE(answer.status == 303, answer.body);
    const auto cookie = answer.header("Set-Cookie");
    BOOST_TEST(cookie.find("HttpOnly") != std::string::npos);
    BOOST_TEST(cookie.find("SameSite=Strict") != std::string::npos);
    auto browser = farm.guest();
    browser.always("Cookie", cookie.substr(0, cookie.find(';')));

    const auto page = browser.get("/dashboard").body;
    BOOST_TEST(page.find("alice") != std::string::npos);
    const std::string before = "name=\"csrf-token\" content=\"";
    const auto place = page.find(before);
    BOOST_TEST_REQUIRE(place != std::string::npos);
    const auto mark = page.substr(place + before.size(), page.find('"', place + before.size()) - place - before.size());
    BOOST_TEST(submit(browser, "forged").status == 403);
    BOOST_TEST(submit(browser, "forged", "'x86_64'", {{"Origin", origin}}).status == 403);
    const HttpHeaders foreign{{"Origin", "http://evil.example"}, {"X-CSRF-Token", mark}};
    BOOST_TEST(submit(browser, "forged", "'x86_64'", foreign).status == 403);
    BOOST_TEST(json(browser.get("/my/builds"))->getArray("builds")->size() == 0u);
    acceptedBuild(submit(browser, "meant", "'x86_64'", {{"Origin", origin}, {"X-CSRF-Token", mark}}));

    // A link on a foreign page must not end the session; the farm's own does, without script.
    BOOST_TEST(browser.get("/auth/logout", {{"Sec-Fetch-Site", "cross-site"}}).status == 303);
    BOOST_TEST(browser.get("/my/builds").status == 200);
    BOOST_TEST(browser.get("/auth/logout", {{"Sec-Fetch-Site", "same-origin"}}).status == 303);
    BOOST_TEST(browser.get("/my/builds").status == 401);
    BOOST_TEST(farm.guest().post("/login", "username=alice&password=wrongwrong", form).status == 401);
}

BOOST_FIXTURE_TEST_CASE(tokens_that_are_none_are_refused, Accounts)
{
    const auto token = member(login("alice", "admin123"), "token");
    const std::vector<std::string> wrong{"Bearer", "Bearer ", "Bearer " + token + "x", "Bearer " + token.substr(1),
                                         "bearer", "Basic YWxpY2U6YWRtaW4xMjM=", "Bearer " + std::string(4000, 'A')};
    for (const auto& bad : wrong)
        BOOST_TEST(farm.guest().get("/auth/me", {{"Authorization", bad}}).status == 401, bad);
    BOOST_TEST(farm.guest().get("/auth/me?token=" + token).status == 401);
    BOOST_TEST(farm.guest().get("/auth/me", {{"Authorization", "Bearer " + token}}).status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

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

BOOST_FIXTURE_TEST_CASE(tokens_that_are_none_are_refused, Accounts)
{
    const auto token = member(login("alice", "admin123"), "token");
    for (const auto& bad : std::vector<std::string>{"Bearer", "Bearer ", "Bearer " + token + "x", "Bearer " + token.substr(1), "bearer",
                                  "Basic YWxpY2U6YWRtaW4xMjM=", "Bearer " + std::string(4000, 'A')})
        BOOST_TEST(farm.guest().get("/auth/me", {{"Authorization", bad}}).status == 401, bad);
    BOOST_TEST(farm.guest().get("/auth/me?token=" + token).status == 401);
    BOOST_TEST(farm.guest().get("/auth/me", {{"Authorization", "Bearer " + token}}).status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

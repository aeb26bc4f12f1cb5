// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include <fstream>
#include <future>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// What a farm with these settings in its apb.json does.
struct DocumentedFarm {
    explicit DocumentedFarm(const std::string& settings, const std::map<std::string, std::string>& properties = {})
        : farm({{"x86_64", server.url()}}, properties)
    {
        write(settings);
    }
    void write(const std::string& settings)
    {
        std::ofstream(farm.folder() / "apb.json")
            << "{\"servers\": {\"x86_64\": [\"" << server.url() << "\"]}, " << settings << "}\n";
    }

    FakeBuildServer server;
    FarmProcess farm;
};

std::string account(const std::string& name, const std::string& more = "")
{
    return "{\"username\":\"" + name + "\",\"password\":\"a long password\"" + more + "}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(Background)

BOOST_AUTO_TEST_CASE(a_build_that_waited_too_long_fails_with_a_sentence_L6)
{
    FakeBuildServer server("x86_64", 1);
    FarmProcess farm({{"x86_64", server.url()}}, {{"queue.maxWait", "1s"}, {"dispatch.interval", "100ms"}});
    farm.start();
    const auto running = acceptedBuild(submit(farm.admin(), "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    const auto waiting = acceptedBuild(submit(farm.admin(), "waiting"));
    BOOST_TEST(waitForEnd(farm.guest(), waiting, 30s) == "failed");
    const auto reason = member(farm.guest().get("/build/" + waiting + "/status-api"), "reason");
    BOOST_TEST(reason.find("within 1 seconds") != std::string::npos, reason);
    BOOST_TEST(reason.find("full") != std::string::npos, reason);
    BOOST_TEST(statusOf(farm.guest(), running) == "building");
    BOOST_TEST(!server.acceptedCount().contains(waiting));
}

BOOST_AUTO_TEST_CASE(repeats_of_a_request_under_way_wait_and_get_the_same_answer_L13)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto admin = farm.admin();
    std::vector<std::future<HttpAnswer>> repeats;
    for (int i = 0; i < 8; ++i)
        repeats.push_back(std::async(std::launch::async, [&] {
            return submit(admin, "once", "'x86_64'", {{"Idempotency-Key", "release-1"}});
        }));
    std::vector<HttpAnswer> answers;
    for (auto& repeat : repeats)
        answers.push_back(repeat.get());
    for (const auto& answer : answers) {
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.body == answers.front().body);
    }
    BOOST_TEST(json(farm.guest().get("/builds/latest"))->getArray("builds")->size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_documented_security_settings_are_in_force)
{
    DocumentedFarm site(R"("security": {"token_expiry_days": 3, "max_login_attempts": 2, "require_email": true})");
    site.farm.start();
    const auto admin = site.farm.admin();
    const auto login = [&](const std::string& password) {
        return site.farm.guest().postJson("/auth/login", R"({"username":"admin","password":")" + password + "\"}");
    };
    BOOST_TEST(member(login("admin123"), "expires_in_days") == "3");

    const auto refused = admin.postJson("/auth/users", account("carol"));
    BOOST_TEST(refused.status == 400);
    BOOST_TEST(member(refused, "detail") == "An e-mail address is required on this farm");
    const auto made = admin.postJson("/auth/users", account("carol", R"(,"email":"carol@example.org")"));
    BOOST_TEST_REQUIRE(made.status == 200, made.body);
    const auto removal = admin.request("PUT", "/auth/users/" + member(made, "id") + "/email", R"({"email":null})",
                                       {{"Content-Type", "application/json"}});
    BOOST_TEST(removal.status == 400);

    BOOST_TEST(login("not the password").status == 401);
    BOOST_TEST(login("not the password").status == 401);
    const auto throttled = login("not the password");
    BOOST_TEST(throttled.status == 429);
    BOOST_TEST(!throttled.header("Retry-After").empty());
    BOOST_TEST(admin.get("/auth/me").status == 200);   // who is signed in is not locked out
}

BOOST_AUTO_TEST_CASE(the_documented_database_settings_are_in_force)
{
    DocumentedFarm site("\"x\": 1");
    const auto file = site.farm.folder() / "elsewhere.db";
    site.write("\"database\": {\"path\": \"" + file.string() + "\", \"backup_interval\": 1}");
    site.farm.start();
    BOOST_TEST(std::filesystem::exists(file));
    const auto backup = site.farm.stateDirectory() / "backups/farm.db.backup";
    BOOST_TEST(eventually([&] { return std::filesystem::exists(backup); }));
}

BOOST_AUTO_TEST_SUITE_END()

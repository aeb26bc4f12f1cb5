// SPDX-License-Identifier: MIT
#include "plugins/mail_server.h"
#include "support/fake_build_server.h"
#include "real_server.h"

#include <Poco/Base64Decoder.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>

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

void useMailServer(const HttpClient& admin, const MailServer& mails)
{
    BOOST_TEST_REQUIRE(admin.postJson("/admin/smtp", "{\"server\":\"127.0.0.1\",\"port\":" +
                                                         std::to_string(mails.port()) + ",\"use_tls\":false}")
                               .status == 200);
}

void giveAddress(const HttpClient& admin)
{
    BOOST_TEST_REQUIRE(admin.request("PUT", "/auth/my/email", R"({"email":"root@example.org"})",
                                     {{"Content-Type", "application/json"}})
                               .status == 200);
}

std::string account(const std::string& name, const std::string& more = "")
{
    return "{\"username\":\"" + name + "\",\"password\":\"a long password\"" + more + "}";
}

std::string decoded(const std::string& body)
{
    std::istringstream in(body);
    Poco::Base64Decoder decoder(in);
    return {std::istreambuf_iterator<char>(decoder), {}};
}

/// Waits until a mail with these words in its subject has come; its text.
std::string mailAbout(const MailServer& mails, const std::string& words, std::chrono::milliseconds limit = 60s)
{
    std::string text;
    eventually([&] {
        for (int i = 1; text.empty() && mails.hasMail(i); ++i)
            if (const auto mail = mails.mail(i); mail.header("Subject").find(words) != std::string::npos)
                text = decoded(mail.body());
        return !text.empty();
    }, limit);
    return text;
}

/// How often that background work was done since the start.
std::uint64_t runsOf(const HttpClient& admin, const std::string& task)
{
    const auto tasks = json(admin.get("/admin/tasks"))->getArray("tasks");
    for (std::size_t i = 0; i < tasks->size(); ++i)
        if (const auto one = tasks->getObject(static_cast<unsigned>(i)); one->getValue<std::string>("name") == task)
            return one->getValue<std::uint64_t>("runs");
    throw std::runtime_error("no task " + task);
}

int mailsAbout(const MailServer& mails, const std::string& words)
{
    int count = 0;
    for (int i = 1; mails.hasMail(i); ++i)
        count += mails.mail(i).header("Subject").find(words) != std::string::npos;
    return count;
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

BOOST_AUTO_TEST_CASE(no_mails_are_sent_while_the_documented_setting_says_so)
{
    MailServer mails;
    DocumentedFarm site(R"("notifications": {"smtp_enabled": false})");
    site.farm.start();
    useMailServer(site.farm.admin(), mails);
    BOOST_TEST(site.farm.admin().postJson("/auth/users", account("carol", R"(,"email":"carol@example.org")")).status == 200);
    site.farm.stop();
    site.write(R"("notifications": {"smtp_enabled": true})");
    site.farm.start();
    BOOST_TEST(site.farm.admin().postJson("/auth/users", account("dave", R"(,"email":"dave@example.org")")).status == 200);
    BOOST_TEST_REQUIRE(eventually([&] { return mails.hasMail(1); }, 60s));
    BOOST_TEST(mails.mail(1).header("To").find("dave@example.org") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(users_are_told_of_role_password_sessions_and_builds_and_may_switch_the_latter_off)
{
    MailServer mails;
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto admin = farm.admin();
    useMailServer(admin, mails);
    const auto made = admin.postJson("/auth/users", account("carol", R"(,"email":"carol@example.org")"));
    const auto path = "/auth/users/" + member(made, "id");
    const auto put = [](const HttpClient& who, const std::string& target, const std::string& body) {
        BOOST_TEST(who.request("PUT", target, body, {{"Content-Type", "application/json"}}).status == 200, target);
    };
    put(admin, path + "/role", R"({"role":"admin"})");
    put(farm.as("carol", "a long password"), "/auth/change-password",
        R"({"current_password":"a long password","new_password":"another one","confirm_password":"another one"})");
    BOOST_TEST(admin.request("POST", path + "/revoke-tokens", "").status == 200);
    for (const auto* words : {"your role was changed", "your password was changed", "your sessions were ended"})
        BOOST_TEST(!mailAbout(mails, words).empty(), words);

    const auto login = farm.guest().postJson("/auth/login", R"({"username":"carol","password":"another one"})");
    HttpClient carol(farm.port());
    carol.always("Authorization", "Bearer " + member(login, "token"));
    const auto built = [&](const std::string& name, BuildStatus status) {
        server.finishAtOnce(status);
        waitForEnd(farm.guest(), acceptedBuild(submit(carol, name)), 30s);
    };
    built("good", BuildStatus::Completed);
    BOOST_TEST(mailAbout(mails, "Completed Successfully: good").find("/status") != std::string::npos);
    built("bad", BuildStatus::Failed);
    BOOST_TEST(!mailAbout(mails, "Failed: bad").empty());
    put(carol, "/auth/my/email-notifications", R"({"enabled":false})");
    built("quiet", BuildStatus::Failed);
    put(carol, "/auth/my/email-notifications", R"({"enabled":true})");
    built("heard", BuildStatus::Failed);
    BOOST_TEST(!mailAbout(mails, "Failed: heard").empty());
    BOOST_TEST(mailsAbout(mails, "quiet") == 0);
}

BOOST_AUTO_TEST_CASE(a_build_on_a_server_that_stays_away_shows_its_last_status_and_then_fails_and_administrators_are_told)
{
    MailServer mails;
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}},
                     {{"lost.after", "500ms"}, {"lost.giveUpAfter", "20s"}, {"follow.probeInterval", "100ms"}});
    farm.start();
    const auto admin = farm.admin();
    useMailServer(admin, mails);
    giveAddress(admin);
    const auto build = acceptedBuild(submit(admin, "stranded"));
    const auto target = "/build/" + build + "/status-api";
    BOOST_TEST_REQUIRE(waitForStatus(farm.guest(), build, "building"));
    BOOST_TEST(eventually([&] { return !json(farm.guest().get(target))->isNull("last_status_update"); }));
    server.goDown();
    BOOST_TEST(eventually([&] { return member(farm.guest().get(target), "server_unavailable") == "true"; }));
    const auto away = json(farm.guest().get(target));
    BOOST_TEST(away->getValue<std::string>("status") == "building");
    BOOST_TEST(away->getValue<std::string>("error_message").starts_with("Server unavailable: "));
    BOOST_TEST(away->getValue<double>("last_status_update") > 0);

    for (const auto& client : {farm.guest(), admin}) {
        const auto entry = json(client.get("/farm"))->getArray("servers")->getObject(0);
        BOOST_TEST(entry->getValue<std::string>("status") == "offline");
        BOOST_TEST(entry->getValue<int>("consecutive_failures") > 0);
        BOOST_TEST(!entry->isNull("last_failure"));
        const auto info = entry->getObject("info");
        BOOST_TEST(info->getValue<bool>("_success") == false);
        BOOST_TEST(info->getValue<double>("_cached_at") > 0);
        BOOST_TEST(info->getObject("queue_status")->has("max_concurrent_builds"));
    }

    const auto unavailable = mailAbout(mails, "is unavailable");
    BOOST_TEST(unavailable.find("has not answered") != std::string::npos, unavailable);
    BOOST_TEST(waitForEnd(farm.guest(), build, 60s) == "failed");
    BOOST_TEST(member(farm.guest().get(target), "reason").find("did not come back") != std::string::npos);
    BOOST_TEST(mailAbout(mails, "a build was lost").find(build) != std::string::npos);

    BOOST_TEST(farm.log().find("is unavailable") != std::string::npos);
    BOOST_TEST(admin.get("/admin/tasks").body.find("\"unavailable\"") != std::string::npos);

    server.comeUp();
    BOOST_TEST(!mailAbout(mails, "is back").empty());
    BOOST_TEST(mailsAbout(mails, "is unavailable") == 1);
    BOOST_TEST(mails.mail(1).header("To").find("root@example.org") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(administrators_hear_of_failed_backups_and_of_misconfigured_servers_unless_the_setting_says_no)
{
    MailServer mails;
    FakeBuildServer server("riscv64");
    FarmProcess farm({{"x86_64", server.url()}}, {{"database.backupInterval", "1s"}, {"notifications.admin", "false"}});
    farm.start();
    useMailServer(farm.admin(), mails);
    giveAddress(farm.admin());
    BOOST_TEST(eventually([&] { return farm.guest().get("/farm").body.find("misconfigured") != std::string::npos; }));
    // The folder's place is taken, so no backup can be written.
    std::filesystem::remove_all(farm.stateDirectory() / "backups");
    std::ofstream(farm.stateDirectory() / "backups") << "in the way";
    BOOST_TEST(eventually([&] { return farm.log().find("could not be backed up") != std::string::npos; }));
    // What would be told now is told before what comes after two more looks at all that may be wrong.
    const auto looked = runsOf(farm.admin(), "unavailable");
    BOOST_TEST(eventually([&] { return runsOf(farm.admin(), "unavailable") >= looked + 2; }));
    BOOST_TEST(farm.admin().postJson("/auth/users", account("carol", R"(,"email":"carol@example.org")")).status == 200);
    BOOST_TEST(!mailAbout(mails, "your account was created").empty());
    farm.stop();
    BOOST_TEST(mailsAbout(mails, "is misconfigured") == 0);
    BOOST_TEST(mailsAbout(mails, "could not be backed up") == 0);

    farm.setProperty("notifications.admin", "true");
    farm.start();
    BOOST_TEST(!mailAbout(mails, "is misconfigured").empty());
    BOOST_TEST(!mailAbout(mails, "could not be backed up").empty());
    std::filesystem::remove(farm.stateDirectory() / "backups");
    BOOST_TEST(!mailAbout(mails, "is backed up again").empty());
}

BOOST_AUTO_TEST_CASE(administrators_hear_of_a_disk_that_is_nearly_full)
{
    MailServer mails;
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}}, {{"limits.storageReserve", "1000000GB"}});
    farm.start();
    giveAddress(farm.admin());
    useMailServer(farm.admin(), mails);
    BOOST_TEST(mailAbout(mails, "the disk is nearly full").find("nothing new is accepted") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_authentication_the_farm_says_so_loudly)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start({"--no-auth"});
    BOOST_TEST(farm.log().find("Authentication is") != std::string::npos);
    BOOST_TEST(farm.guest().get("/ready").body.find("authentication is off") != std::string::npos);
    BOOST_TEST(member(farm.guest().get("/auth/me"), "role") == "admin");
}

BOOST_AUTO_TEST_CASE(logging_out_by_a_link_ends_at_the_dashboard_with_a_message)
{
    FakeBuildServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto admin = farm.admin();
    const auto answer = admin.get("/auth/logout");
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(answer.header("Location") == "/dashboard?logged_out=1");
    BOOST_TEST(admin.get("/auth/me").status == 401);
    BOOST_TEST(farm.guest().get(answer.header("Location")).body.find("logged out") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

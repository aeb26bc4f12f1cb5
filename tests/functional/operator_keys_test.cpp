// SPDX-License-Identifier: MIT
// apb-farm secrets rotate and set-admin-password, with the real daemon.
#include "functional/farm_commands.h"
#include "functional/real_server.h"
#include "plugins/mail_server.h"
#include "support/fake_build_server.h"

#include <random>

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// A farm that has entered a mail server which wants a password.
struct WithMail {
    WithMail()
    {
        farm.start();
        auto admin = farm.admin();
        BOOST_TEST_REQUIRE(
            admin
                .postJson("/admin/smtp",
                          "{\"server\":\"127.0.0.1\",\"port\":" + std::to_string(mails.port()) +
                              ",\"username\":\"robot\",\"password\":\"CANARY of the mail\",\"use_tls\":false}")
                .status == 200);
        farm.stop();
    }

    /// The mail server lets nobody in without the password.
    void checkPasswordIsReadable()
    {
        farm.start();
        BOOST_TEST(farm.admin().postJson("/admin/smtp/test", R"({"test_email":"root@example.org"})").status == 200,
                   farm.log());
        farm.stop();
    }
    fs::path key() const { return farm.stateDirectory() / "secret.key"; }
    std::string sealed() const
    {
        const TempDir folder;
        ChildProcess ask({"sqlite3", farm.stateDirectory() / "farm.db", "SELECT password FROM smtp_config"},
                         folder / "output");
        ask.wait();
        return ask.output();
    }

    MailServer mails{{"--auth", "robot:CANARY of the mail"}};
    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}, {{"notify.smtp.allowPlainAuth", "true"}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(OperatorKeys)

BOOST_FIXTURE_TEST_CASE(a_new_key_seals_everything_and_the_old_one_is_gone_C1, WithMail)
{
    const auto before = readFile(key()), sealedBefore = sealed();
    const auto said = runCommand(farm, {"secrets", "rotate"});
    BOOST_TEST_REQUIRE(said.code == 0, said.output);
    BOOST_TEST(has(said.output, "sealed with it: 1 secret"), said.output);
    BOOST_TEST(readFile(key()) != before);
    BOOST_TEST(readFile(key()).size() == 32u);
    BOOST_TEST(sealed() != sealedBefore);
    BOOST_TEST(!fs::exists(key().string() + ".next"));
    checkPasswordIsReadable();
    farm.start();
    BOOST_TEST(has(farm.admin().get("/admin/audit?action=key_rotated").body, "sealing key"));
}

/// Killed 30 times at random moments: each time the farm starts and can still read the password.
BOOST_FIXTURE_TEST_CASE(an_exchange_that_is_killed_leaves_every_secret_readable_C1, WithMail)
{
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    int unfinished = 0;
    for (int round = 0; round < 30; ++round) {
        const TempDir folder;
        ChildProcess program(commandLine(farm, {"secrets", "rotate"}), folder / "output");
        if (!program.wait(std::chrono::milliseconds(random() % 50)))
            program.kill();
        unfinished += fs::exists(key().string() + ".next");
        const auto health = runCommand(farm, {"doctor"});
        BOOST_TEST(has(health.output, "ok  key: opens all 1 secrets"), health.output);
        if (round % 5 == 4)
            checkPasswordIsReadable();
    }
    BOOST_TEST_MESSAGE("left unfinished: " << unfinished);
    BOOST_TEST(runCommand(farm, {"secrets", "rotate"}).code == 0);
    BOOST_TEST(!fs::exists(key().string() + ".next"));
    checkPasswordIsReadable();
}

/// What each step leaves when the next one never happens.
BOOST_FIXTURE_TEST_CASE(every_state_between_two_steps_of_an_exchange_is_readable_C1, WithMail)
{
    const auto old = readFile(key());
    fs::copy(farm.stateDirectory(), farm.folder() / "before", fs::copy_options::recursive);
    BOOST_TEST_REQUIRE(runCommand(farm, {"secrets", "rotate"}).code == 0);
    // Sealed anew, the keys not yet exchanged.
    const auto fresh = readFile(key());
    std::ofstream(key().string() + ".next") << fresh;
    std::ofstream(key(), std::ios::trunc) << old;
    fs::permissions(key().string() + ".next", fs::perms(0600));
    checkPasswordIsReadable();
    // The next key is there, nothing sealed with it.
    fs::remove_all(farm.stateDirectory());
    fs::copy(farm.folder() / "before", farm.stateDirectory(), fs::copy_options::recursive);
    std::ofstream(key().string() + ".next") << std::string(32, 'n');
    for (const auto& file : {key(), fs::path(key().string() + ".next")})
        fs::permissions(file, fs::perms(0600));
    checkPasswordIsReadable();
    BOOST_TEST_REQUIRE(runCommand(farm, {"secrets", "rotate"}).code == 0);
    BOOST_TEST(readFile(key()) == std::string(32, 'n'));
    checkPasswordIsReadable();
}

BOOST_FIXTURE_TEST_CASE(a_secret_that_no_key_opens_stops_the_exchange_and_nothing_has_changed_C1, WithMail)
{
    flipByte(key(), 0);
    const auto before = readFile(key()), sealedBefore = sealed();
    const auto said = runCommand(farm, {"secrets", "rotate"});
    BOOST_TEST(said.code != 0);
    BOOST_TEST(has(said.output, "smtp_config.password of row 1 opens with no key"), said.output);
    BOOST_TEST(readFile(key()) == before);
    BOOST_TEST(sealed() == sealedBefore);
    BOOST_TEST(!fs::exists(key().string() + ".next"));
}

BOOST_FIXTURE_TEST_CASE(a_running_farm_keeps_its_key_and_one_that_lies_elsewhere_can_be_named, WithMail)
{
    farm.start();
    const auto running = runCommand(farm, {"secrets", "rotate"});
    BOOST_TEST(running.code != 0);
    BOOST_TEST(has(running.output, "Stop it first"), running.output);
    farm.stop();
    fs::rename(key(), farm.folder() / "elsewhere.key");
    const auto missing = runCommand(farm, {"secrets", "rotate"});
    BOOST_TEST(missing.code != 0);
    BOOST_TEST(has(missing.output, "--key"), missing.output);
    BOOST_TEST(runCommand(farm, {"secrets", "rotate", "--key", farm.folder() / "elsewhere.key"}).code == 0);
    fs::rename(farm.folder() / "elsewhere.key", key());
    checkPasswordIsReadable();
}

BOOST_FIXTURE_TEST_CASE(a_lost_password_is_replaced_while_the_farm_runs_U7, WithMail)
{
    farm.start();
    auto old = farm.admin();
    const auto said = runCommand(farm, {"set-admin-password"}, "a new long password\n");
    BOOST_TEST_REQUIRE(said.code == 0, said.output);
    BOOST_TEST(old.get("/auth/me").status == 401);
    const auto login = [&](const std::string& password) {
        return farm.guest()
            .postJson("/auth/login", "{\"username\":\"admin\",\"password\":\"" + password + "\"}")
            .status;
    };
    BOOST_TEST(login("admin123") == 401);
    BOOST_TEST(login("a new long password") == 200);
    BOOST_TEST(has(farm.log(), "\"action\":\"password_reset\""), farm.log());
    for (const auto& text : {said.output, farm.log()})
        BOOST_TEST(!has(text, "a new long password"));
}

BOOST_FIXTURE_TEST_CASE(a_deactivated_administrator_comes_back_while_the_farm_does_not_run, WithMail)
{
    const auto sql = [&](const std::string& text) {
        ChildProcess ask({"sqlite3", farm.stateDirectory() / "farm.db", text}, farm.folder() / "sqlite3.log");
        BOOST_TEST_REQUIRE(ask.wait().value_or(-1) == 0, ask.output());
    };
    const auto token = farm.tokenOf("admin", "admin123");
    sql("UPDATE users SET is_active = 0 WHERE username = 'admin'");
    const auto said = runCommand(farm, {"set-admin-password", "admin"}, "a new long password\n");
    BOOST_TEST_REQUIRE(said.code == 0, said.output);
    farm.start();
    HttpClient old(farm.port());
    old.always("Authorization", "Bearer " + token);
    BOOST_TEST(old.get("/auth/me").status == 401);
    const auto login = farm.guest().postJson("/auth/login", R"({"username":"admin","password":"a new long password"})");
    BOOST_TEST_REQUIRE(login.status == 200, login.body);
    HttpClient fresh(farm.port());
    fresh.always("Authorization", "Bearer " + member(login, "token"));
    BOOST_TEST(has(fresh.get("/admin/audit?action=password_reset").body, "by the operator of the machine"));
}

BOOST_FIXTURE_TEST_CASE(a_password_that_is_too_short_and_an_account_that_is_no_administrator_are_refused, WithMail)
{
    addUser(farm, "alice");
    for (const bool running : {false, true}) {
        if (running)
            farm.start();
        const auto refused = [&](const std::vector<std::string>& words, const std::string& typed,
                                 const std::string& why) {
            const auto said = runCommand(farm, words, typed);
            BOOST_TEST(said.code != 0, why);
            BOOST_TEST(has(said.output, why), "'" << why << "' is not in: " << said.output);
        };
        refused({"set-admin-password"}, "short\n", "at least 8 characters");
        refused({"set-admin-password"}, "", "No password was given");
        refused({"set-admin-password", "alice"}, "a new long password\n",
                "'alice' is no administrator. Administrators: admin");
        refused({"set-admin-password", "nobody"}, "a new long password\n", "There is no account 'nobody'");
    }
    BOOST_TEST(farm.guest().postJson("/auth/login", R"({"username":"admin","password":"admin123"})").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

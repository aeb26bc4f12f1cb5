// SPDX-License-Identifier: MIT
#include "plugins/mail_server.h"
#include "real_server.h"
#include "support/fake_build_server.h"

#include <algorithm>
#include <array>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr auto kPassword = "ein langes Wort";
constexpr auto kBetter = "noch ein langes Wort";

struct Accounts {
    Accounts()
    {
        farm.start();
        admin = farm.admin();
    }

    HttpAnswer put(const HttpClient& client, const std::string& path, const std::string& body)
    {
        return client.request("PUT", path, body, {{"Content-Type", "application/json"}});
    }
    HttpAnswer create(const std::string& name, const std::string& more = "")
    {
        const auto account = "{\"username\":\"" + name + "\",\"password\":\"" + kPassword + "\"" + more + "}";
        return admin.postJson("/auth/users", account);
    }
    /// The id of a new account, as in paths.
    std::string made(const std::string& name, const std::string& more = "")
    {
        const auto answer = create(name, more);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return "/auth/users/" + std::to_string(json(answer)->getValue<int>("id"));
    }
    HttpAnswer login(const std::string& name, const std::string& password, const HttpHeaders& headers = {})
    {
        return farm.guest().postJson("/auth/login",
                                     "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}", headers);
    }
    /// In a session of its own.
    HttpClient as(const std::string& name, const std::string& password = kPassword)
    {
        const auto answer = login(name, password);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        auto client = farm.guest();
        client.always("Authorization", "Bearer " + member(answer, "token"));
        return client;
    }
    HttpAnswer changePassword(const HttpClient& client, const std::string& current, const std::string& wanted)
    {
        return put(client, "/auth/change-password", "{\"current_password\":\"" + current + "\",\"new_password\":\"" +
                                                        wanted + "\",\"confirm_password\":\"" + wanted + "\"}");
    }
    std::string database(const std::string& query)
    {
        const auto output = farm.folder() / "answer";
        std::filesystem::remove(output);
        ChildProcess program({"sqlite3", "-readonly", farm.stateDirectory() / "farm.db", query}, output);
        program.wait();
        return program.output();
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
    HttpClient admin{0};
};

/// An object inside of a list, which the answer is.
Poco::JSON::Object::Ptr entry(const HttpAnswer& list, const std::string& name)
{
    const auto entries = util::parseJsonObject("{\"list\":" + list.body + "}")->getArray("list");
    for (unsigned i = 0; i < entries->size(); ++i)
        if (entries->getObject(i)->getValue<std::string>("username") == name)
            return entries->getObject(i);
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(Users)

BOOST_FIXTURE_TEST_CASE(an_administrator_makes_and_lists_accounts, Accounts)
{
    const auto answer = create("carol", ",\"email\":\"carol@example.org\",\"role\":\"user\"");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(member(answer, "username") == "carol");
    BOOST_TEST(member(answer, "role") == "user");
    BOOST_TEST(member(answer, "email") == "carol@example.org");
    BOOST_TEST(json(answer)->isNull("last_login"));
    BOOST_TEST(json(answer)->getValue<double>("created_at") > 1.6e9);
    BOOST_TEST(answer.body.find("hash") == std::string::npos);

    made("dave", ",\"email\":null");
    as("carol");
    const auto list = admin.get("/auth/users");
    BOOST_TEST_REQUIRE(list.status == 200, list.body);
    BOOST_TEST(list.header("Cache-Control") == "no-store");
    BOOST_TEST(!entry(list, "carol")->isNull("last_login"));
    BOOST_TEST(entry(list, "dave")->isNull("email"));
    BOOST_TEST(entry(list, "dave")->getValue<std::string>("role") == "user");
    BOOST_TEST(entry(list, "admin")->getValue<std::string>("role") == "admin");
    BOOST_TEST(entry(list, "admin")->getValue<bool>("is_active"));
}

BOOST_FIXTURE_TEST_CASE(only_administrators_manage_accounts_Z1, Accounts)
{
    const auto carol = made("carol");
    const auto user = as("carol");
    const std::vector<std::array<std::string, 3>> routes{
        {"GET", "/auth/users", ""},
        {"POST", "/auth/users", "{\"username\":\"mallory\",\"password\":\"ein langes Wort\",\"role\":\"admin\"}"},
        {"DELETE", "/auth/users/1", ""},
        {"PUT", carol + "/role", "{\"role\":\"admin\"}"},
        {"PUT", "/auth/users/1/email", "{\"email\":\"mallory@example.org\"}"},
        {"PUT", "/auth/users/1/email-notifications", "{\"enabled\":false}"},
        {"POST", "/auth/users/1/revoke-tokens", ""},
        {"GET", "/auth/users/1/builds", ""},
    };
    for (const auto& [method, path, body] : routes) {
        const HttpHeaders type{{"Content-Type", "application/json"}};
        BOOST_TEST(farm.guest().request(method, path, body, type).status == 401, method + " " + path);
        BOOST_TEST(user.request(method, path, body, type).status == 403, method + " " + path);
    }
    for (const auto* path : {"/auth/my/email", "/auth/my/email-notifications", "/auth/change-password"})
        BOOST_TEST(put(farm.guest(), path, "{\"email\":null,\"enabled\":true}").status == 401, path);
    const auto list = admin.get("/auth/users");
    BOOST_TEST(!entry(list, "mallory"));
    BOOST_TEST(entry(list, "carol")->getValue<std::string>("role") == "user");
    BOOST_TEST(admin.get("/auth/me").status == 200);
}

BOOST_FIXTURE_TEST_CASE(hostile_names_and_fields_are_refused_with_words_U12, Accounts)
{
    for (const auto* name : {"", "ab", "a b c", "../../etc", "<script>", "o'brien", "x\\u0000y", "p\\u00e4ul",
                             "adm\\nin", "\\ud83d\\ude00\\ud83d\\ude00", "bob;--", "ADMIN", "admin"}) {
        const auto answer = create(name);
        BOOST_TEST(answer.status == 400, name);
        BOOST_TEST(json(answer)->has("fields"), answer.body);
    }
    BOOST_TEST(create(std::string(51, 'x')).status == 400);
    BOOST_TEST(member(create("admin"), "detail") == "Username 'admin' already exists");
    BOOST_TEST(member(create("carol", ",\"email\":\"nowhere\""), "detail") == "Invalid email format");
    BOOST_TEST(create("carol", ",\"email\":\"a@b.de\\r\\nBcc: c@d.de\"").status == 400);
    BOOST_TEST(create("carol", ",\"role\":\"guest\"").status == 400);
    for (const auto* body : {"", "[]", "{", "{\"username\":[\"carol\"],\"password\":{\"a\":1}}", "{\"username\":12345}",
                             "{\"username\":\"carol\",\"password\":\"password\"}",
                             "{\"username\":\"carol_of_x\",\"password\":\"Carol_of_X\"}",
                             "{\"username\":\"carol\",\"password\":\"ein langes Wort\",\"username\":\"dave\"}"})
        BOOST_TEST(admin.postJson("/auth/users", body).status == 400, body);
    const auto several = admin.postJson("/auth/users", "{\"username\":7,\"role\":true}");
    BOOST_TEST(json(several)->getArray("fields")->size() == 3u, several.body);
    BOOST_TEST(database("SELECT count(*) FROM users") == "1\n");
}

BOOST_FIXTURE_TEST_CASE(ids_that_are_none_are_refused, Accounts)
{
    for (const auto* id : {"x", "-1", "1x", "99999999999999999999", "1.0", "%31%20"})
        BOOST_TEST(admin.request("DELETE", std::string("/auth/users/") + id, "").status == 400, id);
    for (const auto* id : {"0", "999", "9223372036854775807"}) {
        const auto path = std::string("/auth/users/") + id;
        const auto answer = admin.request("DELETE", path, "");
        BOOST_TEST(answer.status == 404, id);
        BOOST_TEST(member(answer, "detail") == "User not found");
        BOOST_TEST(put(admin, path + "/role", "{\"role\":\"admin\"}").status == 404);
        BOOST_TEST(put(admin, path + "/email", "{\"email\":null}").status == 404);
        BOOST_TEST(put(admin, path + "/email-notifications", "{\"enabled\":true}").status == 404);
        BOOST_TEST(admin.post(path + "/revoke-tokens").status == 404);
        BOOST_TEST(admin.get(path + "/builds").status == 404);
    }
}

BOOST_FIXTURE_TEST_CASE(a_changed_password_works_at_once_and_other_sessions_end_U7_U10, Accounts)
{
    const HttpHeaders fromAfar{{"X-Forwarded-For", "203.0.113.7"}};
    BOOST_TEST(login("admin", "admin123", fromAfar).status == 403);
    const auto elsewhere = as("admin", "admin123");
    const auto answer = changePassword(admin, "admin123", kBetter);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(member(answer, "message") == "Password changed successfully");
    BOOST_TEST(admin.get("/auth/me").status == 200);
    BOOST_TEST(elsewhere.get("/auth/me").status == 401);
    BOOST_TEST(login("admin", "admin123").status == 401);
    BOOST_TEST(login("admin", kBetter).status == 200);
    BOOST_TEST(login("admin", kBetter, fromAfar).status == 200);

    farm.kill();
    farm.start();
    BOOST_TEST(login("admin", "admin123").status == 401);
    BOOST_TEST(login("admin", kBetter).status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_password_change_that_is_wrong_changes_nothing, Accounts)
{
    made("carol");
    const auto carol = as("carol"), elsewhere = as("carol");
    const auto wrong = changePassword(carol, "ein kurzes Wort", kBetter);
    BOOST_TEST(wrong.status == 400);
    BOOST_TEST(member(wrong, "detail") == "Current password is incorrect");
    for (const auto* bad : {"short", "password123", "CAROL"})
        BOOST_TEST(changePassword(carol, kPassword, bad).status == 400, bad);
    BOOST_TEST(put(carol, "/auth/change-password", "{\"current_password\":\"ein langes Wort\"}").status == 400);
    BOOST_TEST(put(carol, "/auth/change-password",
                   "{\"current_password\":\"ein langes Wort\",\"new_password\":\"noch eins, lang\","
                   "\"confirm_password\":\"noch eins, Lang\"}")
                   .status == 400);
    BOOST_TEST(elsewhere.get("/auth/me").status == 200);
    BOOST_TEST(login("carol", kPassword).status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_deleted_account_is_out_at_once_and_its_builds_stay_U7, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    const auto build = acceptedBuild(submit(carol, "keepsake"));
    const auto answer = admin.request("DELETE", path, "");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(member(answer, "message") == "User " + path.substr(path.rfind('/') + 1) + " deleted successfully");
    BOOST_TEST(carol.get("/auth/me").status == 401);
    BOOST_TEST(submit(carol, "too-late").status == 401);
    BOOST_TEST(login("carol", kPassword).status == 401);
    BOOST_TEST(!entry(admin.get("/auth/users"), "carol"));
    BOOST_TEST(admin.request("DELETE", path, "").status == 404);

    const auto builds = json(admin.get(path + "/builds"));
    BOOST_TEST(builds->getValue<std::string>("username") == "carol");
    BOOST_TEST(builds->getArray("builds")->getObject(0)->getValue<std::string>("id") == build);

    BOOST_TEST(made("Carol") != path);
    BOOST_TEST(json(admin.get(path + "/builds"))->getValue<int>("total") == 1);
    BOOST_TEST(json(as("Carol").get("/my/builds"))->getValue<int>("total") == 0);
}

BOOST_FIXTURE_TEST_CASE(the_last_administrator_is_protected_U11, Accounts)
{
    const auto self = admin.request("DELETE", "/auth/users/1", "");
    BOOST_TEST(self.status == 400);
    BOOST_TEST(member(self, "detail") == "Cannot delete yourself");
    BOOST_TEST(put(admin, "/auth/users/1/role", "{\"role\":\"user\"}").status == 409);
    const auto carol = made("carol", ",\"role\":\"admin\"");
    const auto other = as("carol");
    BOOST_TEST(put(other, "/auth/users/1/role", "{\"role\":\"user\"}").status == 200);
    BOOST_TEST(put(other, carol + "/role", "{\"role\":\"user\"}").status == 409);
    BOOST_TEST(admin.get("/auth/users").status == 403);
    BOOST_TEST(other.request("DELETE", "/auth/users/1", "").status == 200);
    BOOST_TEST(admin.get("/auth/me").status == 401);
}

BOOST_FIXTURE_TEST_CASE(a_role_counts_from_the_next_request_on_U7, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    const auto answer = put(admin, path + "/role", "{\"role\":\"admin\"}");
    BOOST_TEST(member(answer, "message") == "User role changed to admin");
    BOOST_TEST(carol.get("/auth/users").status == 200);
    BOOST_TEST(put(admin, path + "/role", "{\"role\":\"user\"}").status == 200);
    BOOST_TEST(carol.get("/auth/users").status == 403);
    BOOST_TEST(carol.get("/auth/me").status == 200);
    for (const auto* body : {"{}", "{\"role\":null}", "{\"role\":\"root\"}", "{\"role\":\"guest\"}", "{\"role\":1}"})
        BOOST_TEST(put(admin, path + "/role", body).status == 400, body);
}

BOOST_FIXTURE_TEST_CASE(addresses_are_set_and_removed_by_owner_and_administrator, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    const auto mine = [&] { return member(carol.get("/auth/me"), "email"); };
    BOOST_TEST(member(put(carol, "/auth/my/email", "{\"email\":\"c@example.org\"}"), "message")
               == "Email updated successfully");
    BOOST_TEST(mine() == "c@example.org");
    BOOST_TEST(member(put(admin, path + "/email", "{\"email\":\"d@example.org\"}"), "message")
               == "User email updated successfully");
    BOOST_TEST(mine() == "d@example.org");
    for (const auto* bad : {"{}", "{\"email\":1}", "{\"email\":\"nowhere\"}", "{\"email\":[\"a@b.de\"]}"}) {
        BOOST_TEST(put(carol, "/auth/my/email", bad).status == 400, bad);
        BOOST_TEST(put(admin, path + "/email", bad).status == 400, bad);
    }
    BOOST_TEST(mine() == "d@example.org");
    BOOST_TEST(put(carol, "/auth/my/email", "{\"email\":\"\"}").status == 200);
    BOOST_TEST(json(carol.get("/auth/me"))->isNull("email"));
    BOOST_TEST(put(carol, "/auth/my/email", "{\"email\":\"c@example.org\"}").status == 200);
    BOOST_TEST(put(admin, path + "/email", "{\"email\":null}").status == 200);
    BOOST_TEST(json(carol.get("/auth/me"))->isNull("email"));
}

BOOST_FIXTURE_TEST_CASE(messages_are_switched_by_owner_and_administrator, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    const auto wanted = [&] { return json(carol.get("/auth/me"))->getValue<bool>("email_notifications_enabled"); };
    BOOST_TEST(wanted());
    BOOST_TEST(put(carol, "/auth/my/email-notifications", "{\"enabled\":false}").status == 200);
    BOOST_TEST(!wanted());
    BOOST_TEST(put(admin, path + "/email-notifications", "{\"enabled\":true}").status == 200);
    BOOST_TEST(wanted());
    for (const auto* bad : {"{}", "{\"enabled\":\"false\"}", "{\"enabled\":0}", "{\"enabled\":null}"})
        BOOST_TEST(put(carol, "/auth/my/email-notifications", bad).status == 400, bad);
    BOOST_TEST(wanted());
}

BOOST_FIXTURE_TEST_CASE(revoked_sessions_stay_ended_over_a_crash_U7, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol"), elsewhere = as("carol");
    const auto answer = admin.post(path + "/revoke-tokens");
    const auto id = path.substr(path.rfind('/') + 1);
    BOOST_TEST(member(answer, "message") == "Revoked 2 tokens for user " + id);
    BOOST_TEST(carol.get("/auth/me").status == 401);
    BOOST_TEST(elsewhere.get("/auth/me").status == 401);
    BOOST_TEST(admin.get("/auth/me").status == 200);
    farm.kill();
    farm.start();
    BOOST_TEST(database("SELECT count(*) FROM tokens WHERE is_active = 1 AND user_id = " + id) == "0\n");
    BOOST_TEST(login("carol", kPassword).status == 200);
}

BOOST_FIXTURE_TEST_CASE(builds_of_an_account_come_with_the_servers_real_address, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    const auto first = acceptedBuild(submit(carol, "first")), second = acceptedBuild(submit(carol, "second"));
    acceptedBuild(submit(admin, "foreign"));
    const auto placed = [&](unsigned i) {
        const auto build = json(admin.get(path + "/builds"))->getArray("builds")->getObject(i);
        return build->optValue<std::string>("server_url", "");
    };
    BOOST_TEST(eventually([&] { return placed(1) == server.url(); }));
    const auto all = json(admin.get(path + "/builds"));
    BOOST_TEST(all->getValue<int>("total") == 2);
    BOOST_TEST(all->getArray("builds")->getObject(0)->getValue<std::string>("id") == second);
    BOOST_TEST(all->getArray("builds")->getObject(1)->getValue<std::string>("id") == first);
    BOOST_TEST(json(admin.get(path + "/builds?limit=1"))->getArray("builds")->size() == 1u);
    BOOST_TEST(admin.get(path + "/builds?limit=0").status == 400);
}

BOOST_FIXTURE_TEST_CASE(who_changed_which_account_is_on_record_I1, Accounts)
{
    const auto path = made("carol");
    const auto carol = as("carol");
    put(carol, "/auth/my/email", "{\"email\":\"c@example.org\"}");
    changePassword(carol, kPassword, kBetter);
    put(admin, path + "/role", "{\"role\":\"admin\"}");
    admin.post(path + "/revoke-tokens");
    admin.request("DELETE", path, "");
    const auto events = database("SELECT actor || ' ' || action || ' ' || target FROM audit_events WHERE "
                                 "address = '127.0.0.1' AND request_id <> '' AND target = 'carol' AND "
                                 "action NOT LIKE 'login%' ORDER BY rowid");
    BOOST_TEST(events == "admin user_created carol\ncarol email_changed carol\ncarol password_changed carol\n"
                         "admin role_changed carol\nadmin tokens_revoked carol\nadmin user_deleted carol\n");
    for (const auto* secret : {kPassword, kBetter})
        BOOST_TEST(farm.log().find(secret) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(owners_are_told_by_mail_what_happens_to_their_accounts, Accounts)
{
    MailServer mails;
    made("before_the_mail_server", ",\"email\":\"early@example.org\"");
    BOOST_TEST_REQUIRE(admin.postJson("/admin/smtp", "{\"server\":\"127.0.0.1\",\"port\":" +
                                                         std::to_string(mails.port()) + ",\"use_tls\":false}")
                               .status == 200);
    const auto path = made("carol", ",\"email\":\"carol@example.org\"");
    BOOST_TEST(put(admin, path + "/email", "{\"email\":\"new@example.org\"}").status == 200);
    BOOST_TEST(admin.request("DELETE", path, "").status == 200);
    BOOST_TEST_REQUIRE(eventually([&] { return mails.hasMail(4); }, std::chrono::seconds(60)));

    std::vector<std::string> told;
    for (int i = 1; i <= 4; ++i)
        told.push_back(mails.mail(i).header("To") + " " + mails.mail(i).header("Subject"));
    const auto isTold = [&](const std::string& address, const std::string& what) {
        return std::ranges::any_of(told, [&](const auto& line) {
            return line.find(address) != line.npos && line.find(what) != line.npos;
        });
    };
    BOOST_TEST(isTold("carol@example.org", "account was created"));
    BOOST_TEST(isTold("carol@example.org", "e-mail address was changed"));
    BOOST_TEST(isTold("new@example.org", "e-mail address was changed"));
    BOOST_TEST(isTold("new@example.org", "account was deleted"));
    BOOST_TEST(!isTold("early@example.org", ""));
}

BOOST_AUTO_TEST_SUITE_END()

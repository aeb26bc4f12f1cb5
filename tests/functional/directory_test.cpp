// SPDX-License-Identifier: MIT
// A farm whose users come from a real directory.
#include "support/directory_server.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/pam_service.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

struct DirectoryFarm {
    DirectoryFarm()
    {
        farm.setProperty("plugins.load", "storage-sqlite, scheduler-leastload, auth-local, auth-ldap, notify-smtp");
        farm.setProperty("auth", "local, ldap");
        for (const auto& [key, value] : directory.searchOptions())
            farm.setProperty("auth.ldap." + key, value);
        farm.start();
        farm.admin();   // the account of the first start is there
    }

    HttpAnswer login(const std::string& name, const std::string& password)
    {
        return farm.guest().postJson("/auth/login",
                                     "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}");
    }
    int statusOf(const std::string& name, const std::string& password) { return login(name, password).status; }
    std::string codeOf(const HttpAnswer& answer)
    {
        return util::parseJsonObject(answer.body)->getValue<std::string>("error_type");
    }
    std::string roleOf(const std::string& name, const std::string& password)
    {
        const auto answer = login(name, password);
        return util::parseJsonObject(answer.body)->getObject("user")->getValue<std::string>("role");
    }
    void makeAccount(const std::string& name)
    {
        const auto made = farm.admin().postJson("/auth/users", "{\"username\":\"" + name + "\",\"password\":\"" + name
                                                                   + " of the farm\",\"role\":\"user\"}");
        BOOST_TEST_REQUIRE(made.status / 100 == 2, made.body);
    }

    FakeBuildServer server;
    DirectoryServer directory;
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Directory)

BOOST_FIXTURE_TEST_CASE(people_of_the_directory_log_in_with_the_role_of_their_group_U13, DirectoryFarm)
{
    BOOST_TEST(roleOf("carol", "carol of the directory") == "admin");
    BOOST_TEST(roleOf("dave", "dave of the directory") == "user");
    BOOST_TEST(farm.as("carol", "carol of the directory").get("/auth/users").status == 200);
    const auto wrong = login("carol", "dave of the directory"), unknown = login("nobody", "dave of the directory");
    BOOST_TEST(wrong.status == 401);
    BOOST_TEST(unknown.status == 401);
    BOOST_TEST(codeOf(wrong) == codeOf(unknown));
    BOOST_TEST(statusOf("carol", "") == 400);
}

BOOST_FIXTURE_TEST_CASE(their_password_is_changed_where_it_is_kept, DirectoryFarm)
{
    const auto answer = farm.as("dave", "dave of the directory").request("PUT", "/auth/change-password",
        R"({"current_password":"dave of the directory","new_password":"correct horse battery",
            "confirm_password":"correct horse battery"})",
        {{"Content-Type", "application/json"}});
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(codeOf(answer) == "passwords_elsewhere");
    BOOST_TEST(answer.body.find("'ldap'") != std::string::npos, answer.body);
    const auto hers = farm.as("dave", "dave of the directory").get("/my").body, own = farm.admin().get("/my").body;
    BOOST_TEST(hers.find("where its authenticator &apos;ldap&apos; looks: change it there.") != std::string::npos, hers);
    BOOST_TEST(hers.find("/auth/change-password") == std::string::npos);
    BOOST_TEST(own.find("/auth/change-password") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_account_of_the_farm_is_not_opened_by_the_same_name_in_the_directory, DirectoryFarm)
{
    makeAccount("carol");
    BOOST_TEST(statusOf("carol", "carol of the directory") == 401);
    BOOST_TEST(roleOf("carol", "carol of the farm") == "user");

    makeAccount("dave");
    const auto answer = farm.admin().get("/auth/users");
    const auto users = util::parseJsonObject("{\"all\":" + answer.body + "}")->getArray("all");
    for (unsigned i = 0; i < users->size(); ++i)
        if (const auto user = users->getObject(i); user->getValue<std::string>("username") == "dave") {
            const auto path = "/auth/users/" + user->getValue<std::string>("id");
            BOOST_TEST(farm.admin().request("DELETE", path, "").status == 200);
        }
    BOOST_TEST(statusOf("dave", "dave of the farm") == 401);
    BOOST_TEST(statusOf("dave", "dave of the directory") == 401);
}

BOOST_FIXTURE_TEST_CASE(while_the_directory_is_away_the_accounts_of_the_farm_work, DirectoryFarm)
{
    const auto dave = farm.as("dave", "dave of the directory");
    directory.stop();
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = login("dave", "dave of the directory");
    BOOST_CHECK(std::chrono::steady_clock::now() - begin < 5s);
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(codeOf(answer) == "authenticator_unavailable");
    BOOST_TEST(statusOf("admin", "admin123") == 200);
    BOOST_TEST(dave.get("/auth/me").status == 200);   // its session goes on

    directory.start();
    BOOST_TEST(eventually([&] { return statusOf("dave", "dave of the directory") == 200; }));
}

BOOST_AUTO_TEST_CASE(people_of_the_machine_log_in_by_pam_U13)
{
    FakeBuildServer server;
    PamService service;
    FarmProcess farm({{"x86_64", server.url()}},
                     {{"plugins.load", "storage-sqlite, scheduler-leastload, auth-local, auth-pam, notify-smtp"},
                      {"auth", "pam, local"},
                      {"auth.pam.service", "farm"},
                      {"auth.pam.directory", service.directory()}});
    farm.start();
    BOOST_TEST(farm.admin().get("/auth/me").status == 200);
    BOOST_TEST(farm.as("carol", "carol of the machine").get("/auth/me").status == 200);
    BOOST_TEST(farm.guest().postJson("/auth/login", R"({"username":"carol","password":"wrong"})").status == 401);
    BOOST_TEST(farm.guest().postJson("/auth/login", R"({"username":"broken","password":"wrong"})").status == 503);
}

BOOST_AUTO_TEST_SUITE_END()

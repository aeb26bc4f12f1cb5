// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

const std::string kUrl = "https://repo.example.org/x86_64";

struct RepositoryFarm {
    RepositoryFarm() { farm.start(); }

    HttpAnswer enter(const std::string& name, const std::string& url = kUrl)
    {
        return farm.admin().multipart("/admin/repositories", {{"name", name}, {"url", url}, {"gpg_key_id", "ABCD1234"},
                                                              {"description", "hello"}});
    }
    std::string idOf(const HttpAnswer& answer)
    {
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return json(answer)->getObject("repository")->getValue<std::string>("id");
    }
    HttpAnswer submitWith(const std::string& entries)
    {
        return submitTarball(farm.admin(), tarballOf(pkgbuild("repopkg") + "apb_extra_repos=(" + entries + ")\n"));
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
};

HttpAnswer put(const HttpClient& client, const std::string& target, const std::string& form)
{
    return client.request("PUT", target, form, {{"Content-Type", "application/x-www-form-urlencoded"}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(Repositories)

BOOST_FIXTURE_TEST_CASE(administrators_enter_change_and_remove_repositories, RepositoryFarm)
{
    const auto id = idOf(enter("myrepo"));
    const auto admin = farm.admin();
    const auto shown = json(admin.get("/admin/repositories"))->getArray("repositories")->getObject(0);
    BOOST_TEST(shown->getValue<std::string>("name") == "myrepo");
    BOOST_TEST(shown->getValue<std::string>("url") == kUrl);
    BOOST_TEST(shown->getValue<std::string>("gpg_key_id") == "ABCD1234");
    BOOST_TEST(shown->getValue<std::string>("description") == "hello");
    BOOST_TEST(shown->getValue<bool>("is_active"));
    BOOST_TEST(shown->getValue<double>("created_at") > 1.7e9);
    BOOST_TEST(shown->getValue<int>("created_by") == 1);

    BOOST_TEST(enter("myrepo").status == 409);
    BOOST_TEST(put(admin, "/admin/repositories/" + id, "is_active=false&description=").status == 200);
    const auto changed = json(admin.get("/admin/repositories"))->getArray("repositories")->getObject(0);
    BOOST_TEST(!changed->getValue<bool>("is_active"));
    BOOST_TEST(changed->getValue<std::string>("url") == kUrl);
    BOOST_TEST(changed->getValue<std::string>("description") == "");

    BOOST_TEST(admin.request("DELETE", "/admin/repositories/" + id, "").status == 200);
    BOOST_TEST(admin.request("DELETE", "/admin/repositories/" + id, "").status == 404);
    BOOST_TEST(put(admin, "/admin/repositories/" + id, "is_active=1").status == 404);
    BOOST_TEST(json(admin.get("/admin/repositories"))->getArray("repositories")->size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_repository_with_a_wrong_field_is_refused_with_the_name_of_the_field, RepositoryFarm)
{
    const auto admin = farm.admin();
    const auto complaint = [&](const std::string& name, const std::string& url, const std::string& key) {
        const auto answer = admin.multipart("/admin/repositories", {{"name", name}, {"url", url}, {"gpg_key_id", key}});
        BOOST_TEST(answer.status == 400);
        const auto fields = json(answer)->getArray("fields");
        return fields->size() == 1 ? fields->getObject(0)->getValue<std::string>("field") : answer.body;
    };
    for (const std::string name : {"", "-x", "a b", "a/b", "[x]", "a\nInclude=/etc/passwd"})
        BOOST_TEST(complaint(name, kUrl, "ABCD1234") == "name");
    for (const std::string url : {"", "file:///etc", "http://", "http://a b", "http://a\nSigLevel=Never"})
        BOOST_TEST(complaint("x", url, "ABCD1234") == "url");
    for (const std::string key : {"", "ABCD", "not hex!!", "ABCD1234 --recv"})
        BOOST_TEST(complaint("x", kUrl, key) == "gpg_key_id");
    BOOST_TEST(farm.guest().get("/admin/repositories").status == 401);
    BOOST_TEST(json(admin.get("/admin/repositories"))->getArray("repositories")->size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_package_may_ask_for_an_entered_repository_and_its_server_is_told, RepositoryFarm)
{
    idOf(enter("myrepo"));
    const auto build = acceptedBuild(submitWith("\"myrepo::" + kUrl + "\""));
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    const std::string expected = R"([{"name":"myrepo","url":"https://repo.example.org/x86_64","gpg_key_id":"ABCD1234"}])";
    BOOST_TEST(server.submissions().back().extraRepos == expected);
    const auto status = farm.guest().get("/build/" + build + "/status-api").body;
    BOOST_TEST(status.find("\"extra_repos\":" + expected) != std::string::npos, status);

    const auto plain = acceptedBuild(submit(farm.admin(), "plain"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(plain));
    const auto submission = server.submissions().back();
    for (const auto& part : submission.parts)
        BOOST_TEST(part.name != "extra_repos");
    BOOST_TEST(farm.guest().get("/build/" + plain + "/status-api").body.find("\"extra_repos\":[]") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_build_keeps_its_repositories_over_a_kill, RepositoryFarm)
{
    idOf(enter("myrepo"));
    server.setSlots(0);
    const auto build = acceptedBuild(submitWith("'myrepo::" + kUrl + "/'"));
    farm.kill();
    farm.start();
    server.setSlots(1);
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    BOOST_TEST(server.submissions().back().extraRepos.find("myrepo") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_repository_that_nobody_entered_is_refused_with_everything_that_clients_show, RepositoryFarm)
{
    idOf(enter("myrepo"));
    const auto id = idOf(enter("sleeping", "https://repo.example.org/off"));
    BOOST_TEST(put(farm.admin(), "/admin/repositories/" + id, "is_active=false").status == 200);
    for (const auto& entry : {std::string("myrepo::https://repo.example.org/wrong"), "other::" + kUrl,
                              std::string("sleeping::https://repo.example.org/off")}) {
        const auto answer = submitWith("'" + entry + "'");
        BOOST_TEST(answer.status == 400);
        const auto body = json(answer);
        const auto sentence = "The following custom repositories are not configured by an admin: " + entry;
        BOOST_TEST(body->getValue<std::string>("error") == "Invalid custom repositories");
        BOOST_TEST(body->getValue<std::string>("message") == sentence);
        BOOST_TEST(body->getValue<std::string>("detail") == sentence);
        BOOST_TEST(body->getValue<std::string>("pkgname") == "repopkg");
        BOOST_TEST(body->getArray("invalid_repositories")->getElement<std::string>(0) == entry);
    }
    BOOST_TEST(submitWith("'no colons'").status == 400);
    BOOST_TEST(submitWith("\"$(curl evil)\"").status == 400);
    BOOST_TEST(json(farm.guest().get("/builds/latest"))->getArray("builds")->size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

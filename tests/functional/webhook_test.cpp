// SPDX-License-Identifier: MIT
#include "plugins/mail_server.h"
#include "support/fake_build_server.h"
#include "support/secret_file.h"
#include "support/webhook_receiver.h"
#include "real_server.h"

#include <set>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// A farm with mail and webhooks, one build server and one receiver.
struct FarmWithHooks {
    explicit FarmWithHooks(const std::string& more = "")
        : farm({{"x86_64", server.url()}},
               {{"plugins.load", "storage-sqlite, scheduler-leastload, auth-local, notify-smtp, notify-webhook"},
                {"notify", "smtp, webhook"},
                {"http.modules", "smtp, webhook"},
                {"http.publicUrl", "https://farm.example.org"},
                {"notify.webhook.allowPrivate", "true"},
                {"notify.webhook.timeout", "1"},
                {"notifications.retryDelay", "200ms"}})
    {
        const auto team = "team.url = " + receiver.url("/CANARY-path")
                          + "\nteam.plainHttp = true\nteam.secret = CANARY-secret-of-the-team\n";
        farm.setProperty("notify.webhook.targetsFile", writeSecretFile(farm.folder() / "webhooks", team + more));
    }
    BuildId finish(const std::string& name, BuildStatus status)
    {
        const auto build = acceptedBuild(submit(farm.admin(), name));
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        server.finish(build, status);
        return build;
    }
    /// What the receiver took about that build.
    std::vector<FakeRequest> about(const BuildId& build) const
    {
        std::vector<FakeRequest> found;
        for (const auto& request : receiver.taken())
            if (request.body.find(build) != std::string::npos)
                found.push_back(request);
        return found;
    }
    std::set<std::string> idsSent() const
    {
        std::set<std::string> ids;
        for (const auto& request : receiver.requests())
            ids.insert(request.headers.at("x-apb-delivery"));
        return ids;
    }
    int waiting() { return gauge("apb_farm_outbox_length"); }
    int putAside() { return gauge("apb_farm_outbox_given_up"); }
    int gauge(const std::string& name)
    {
        const auto text = "\n" + farm.guest().get("/metrics").body;
        return std::stoi(text.substr(text.find("\n" + name + " ") + name.size() + 2));
    }

    FakeBuildServer server;
    WebhookReceiver receiver;
    FarmProcess farm;
};

} // namespace

BOOST_AUTO_TEST_SUITE(Webhook)

BOOST_AUTO_TEST_CASE(every_end_of_a_build_is_delivered_once_also_of_builds_whose_owner_has_no_address)
{
    FarmWithHooks site;
    site.farm.start();
    const auto good = site.finish("good", BuildStatus::Completed);
    const auto bad = site.finish("bad", BuildStatus::Failed);
    BOOST_TEST(eventually([&] { return !site.about(good).empty() && !site.about(bad).empty(); }));
    BOOST_TEST(eventually([&] { return site.waiting() == 0; }));
    BOOST_TEST(site.receiver.count() == 2);
    const auto body = util::parseJsonObject(site.about(bad).front().body);
    BOOST_TEST(body->getValue<std::string>("event") == "build-failed");
    BOOST_TEST(body->getObject("facts")->getValue<std::string>("url") == "https://farm.example.org/build/" + bad + "/status");
    BOOST_TEST(body->getObject("facts")->getValue<std::string>("pkgname") == "bad");
}

BOOST_AUTO_TEST_CASE(a_delivery_that_failed_is_repeated_after_a_restart_under_the_same_id_and_taken_once_D6)
{
    FarmWithHooks site;
    site.receiver.answer(std::vector<WebhookReceiver::Answer>(1000, {.status = 500}));
    site.farm.start();
    const auto build = site.finish("zlib", BuildStatus::Completed);
    BOOST_TEST(eventually([&] { return site.receiver.count() > 0; }));
    site.farm.kill();
    BOOST_TEST(site.about(build).empty());
    site.receiver.answer({});
    site.farm.start();
    BOOST_TEST(eventually([&] { return !site.about(build).empty(); }));
    BOOST_TEST(eventually([&] { return site.waiting() == 0; }));
    site.farm.stop();
    site.farm.start();
    BOOST_TEST(site.waiting() == 0);
    BOOST_TEST(site.about(build).size() == 1u);
    BOOST_TEST(site.idsSent().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_silent_receiver_gets_it_again_and_holds_up_nobody_M1)
{
    FarmWithHooks site;
    MailServer mails;
    site.receiver.answer({{.silent = true}, {.status = 503, .headers = "Retry-After: 1\r\n"}});
    site.farm.start();
    const auto admin = site.farm.admin();
    BOOST_TEST_REQUIRE(admin.postJson("/admin/smtp", "{\"server\":\"127.0.0.1\",\"port\":" + std::to_string(mails.port()) +
                                                         ",\"use_tls\":false}").status == 200);
    BOOST_TEST_REQUIRE(admin.request("PUT", "/auth/my/email", R"({"email":"root@example.org"})",
                                     {{"Content-Type", "application/json"}}).status == 200);
    const auto build = site.finish("zlib", BuildStatus::Failed);
    const auto mailsAboutIt = [&] {
        int count = 0;
        for (int i = 1; mails.hasMail(i); ++i)
            count += mails.mail(i).header("Subject").find("zlib") != std::string::npos;
        return count;
    };
    BOOST_TEST(eventually([&] { return mailsAboutIt() == 1; }));
    BOOST_TEST(eventually([&] { return !site.about(build).empty(); }));
    BOOST_TEST(eventually([&] { return site.waiting() == 0; }));
    BOOST_TEST(site.receiver.count() == 3);
    BOOST_TEST(mailsAboutIt() == 1);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_final_and_administrators_see_it_M1)
{
    FarmWithHooks site;
    site.receiver.answer({{.status = 404, .body = "CANARY-answer"}});
    site.farm.start();
    const auto build = site.finish("zlib", BuildStatus::Failed);
    BOOST_TEST(eventually([&] { return site.putAside() == 1; }));
    const auto shown = site.farm.admin().get("/admin/webhooks");
    BOOST_TEST(shown.status == 200);
    const auto refused = util::parseJsonObject(shown.body)->getArray("refused")->getObject(0);
    BOOST_TEST(refused->getValue<std::string>("reason") == "it answered with status 404");
    BOOST_TEST(refused->getValue<std::string>("subject").find(build.substr(0, 8)) != std::string::npos);
    BOOST_TEST(site.farm.guest().get("/admin/webhooks").status == 401);
    BOOST_TEST(site.farm.log().find("was put aside: team: it answered with status 404") != std::string::npos);
    BOOST_TEST(site.receiver.count() == 1);
    for (const auto& text : {shown.body, site.farm.log(), site.farm.guest().get("/build/" + build + "/status-api").body})
        BOOST_TEST(text.find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(trouble_with_a_server_is_told_once_and_without_administrators_that_have_an_address)
{
    FarmWithHooks site("team.events = server-trouble\n");
    site.farm.start();
    site.server.misbehave({.fault = Fault::Html, .path = "/"});
    BOOST_TEST(eventually([&] { return site.receiver.count() > 0; }, 60s));
    const auto body = util::parseJsonObject(site.receiver.requests().front().body);
    BOOST_TEST(body->getValue<std::string>("event") == "server-trouble");
}

BOOST_AUTO_TEST_CASE(the_list_of_plugins_has_the_webhooks_with_their_options)
{
    FarmWithHooks site;
    site.farm.writeProperties();
    ChildProcess list({buildDirectory() / "bin/apb-farm", "--list-plugins", "--properties", site.farm.folder() / "farm.properties",
                       "--config", site.farm.folder() / "apb.json"}, site.farm.folder() / "list.log");
    BOOST_TEST((list.wait() == 0), list.output());
    for (const auto* part : {"webhook", "targetsFile", "allowPrivate"})
        BOOST_TEST(list.output().find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_SUITE_END()

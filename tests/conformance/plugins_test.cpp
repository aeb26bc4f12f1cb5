// SPDX-License-Identifier: MIT
// The bundled plugins keep the promises that others are asked to keep, seen as a stranger would see them.
#include "plugins/mail_server.h"
#include "support/directory_server.h"
#include "support/pam_service.h"
#include "support/secret_file.h"
#include "support/webhook_receiver.h"

#include <apbfarm/conformance/authenticator_conformance.h>
#include <apbfarm/conformance/http_module_conformance.h>
#include <apbfarm/conformance/loaded_plugin.h>
#include <apbfarm/conformance/notifier_conformance.h>
#include <apbfarm/conformance/scheduler_conformance.h>
#include <apbfarm/conformance/storage_conformance.h>

#include <boost/test/unit_test.hpp>

#include <regex>

using namespace apbfarm;
using namespace apbfarm::conformance;
using apbfarm::test::buildDirectory;

namespace {

std::string bundled(const std::string& name)
{
    return buildDirectory() / "plugins" / (name + ".so");
}

/// A plugin over a database of its own.
struct WithStorage {
    explicit WithStorage(const std::string& name) : plugin(bundled(name)) { plugin.use(*storage); }

    test::TempDir folder;
    LoadedPlugin sqlite{bundled("storage-sqlite")};
    std::unique_ptr<Storage> storage = sqlite.make<Storage>("sqlite", {{"path", folder / "farm.db"}});
    LoadedPlugin plugin;
};

/// A mail server that can be away: then the farm's settings lead to a port where nobody listens.
struct Mailbox : WithStorage {
    Mailbox() : WithStorage("notify-smtp") { leadTo(server.port()); }

    void leadTo(std::uint16_t port)
    {
        auto& tables = storage->tables();
        if (!notifier)
            notifier = plugin.make<Notifier>("smtp");   // makes its table
        tables.execute({{"DELETE FROM smtp_config", {}},
                        {"INSERT INTO smtp_config (server, port, use_tls, from_email, created_at, updated_at) "
                         "VALUES ('127.0.0.1', $1, 0, 'farm@example.org', 1, 1)",
                         {std::to_string(port)}}});
    }
    int received() const
    {
        int number = 0;
        while (server.hasMail(number + 1))
            ++number;
        return number;
    }

    test::MailServer server;
    std::unique_ptr<Notifier> notifier;
};

} // namespace

BOOST_AUTO_TEST_SUITE(PluginConformance)

BOOST_AUTO_TEST_CASE(the_schedulers_keep_the_promises_of_schedulers)
{
    LoadedPlugin leastLoad(bundled("scheduler-leastload")), roundRobin(bundled("scheduler-roundrobin"));
    BOOST_TEST(run(schedulerCases([&] { return leastLoad.make<Scheduler>("leastload"); })) == 0);
    BOOST_TEST(run(schedulerCases([&] { return roundRobin.make<Scheduler>("roundrobin"); })) == 0);
    WithStorage learning("scheduler-fit");
    BOOST_TEST(run(schedulerCases([&] { return learning.plugin.make<Scheduler>("fit"); })) == 0);
}

BOOST_AUTO_TEST_CASE(the_local_authenticator_keeps_the_promises_of_authenticators)
{
    WithStorage local("auth-local");
    const auto make = [&] { return local.plugin.make<Authenticator>("local", {{"iterations", "10000"}}); };
    local.storage->users().create({.username = "alice"}, make()->passwords()->hash("correct horse"));
    BOOST_TEST(run(authenticatorCases({make, "alice", "correct horse"})) == 0);
}

BOOST_AUTO_TEST_CASE(the_directory_authenticator_keeps_the_promises_of_authenticators)
{
    test::DirectoryServer directory;
    LoadedPlugin ldap(bundled("auth-ldap"));
    const auto make = [&] { return ldap.make<Authenticator>("ldap", directory.searchOptions()); };
    BOOST_TEST(run(authenticatorCases({make, "carol", "carol of the directory"})) == 0);
}

BOOST_AUTO_TEST_CASE(the_pam_authenticator_keeps_the_promises_of_authenticators)
{
    test::PamService service;
    LoadedPlugin pam(bundled("auth-pam"));
    const auto make = [&] {
        return pam.make<Authenticator>("pam", {{"service", "farm"}, {"directory", service.directory()}});
    };
    BOOST_TEST(run(authenticatorCases({make, "carol", "carol of the machine"})) == 0);
}

BOOST_AUTO_TEST_CASE(the_mail_notifier_keeps_the_promises_of_notifiers)
{
    Mailbox box;
    BOOST_TEST(run(notifierCases({[&] { return box.plugin.make<Notifier>("smtp"); }, [&] { return box.received(); },
                                  [&] { box.leadTo(9); }, [&] { box.leadTo(box.server.port()); }})) == 0);
}

BOOST_AUTO_TEST_CASE(the_mail_routes_keep_the_promises_of_modules)
{
    WithStorage mail("notify-smtp");
    BOOST_TEST(run(httpModuleCases([&] { return mail.plugin.make<HttpModule>("smtp"); })) == 0);
}

BOOST_AUTO_TEST_CASE(the_webhooks_keep_the_promises_of_notifiers_and_modules)
{
    WithStorage hooks("notify-webhook");
    test::WebhookReceiver receiver;
    const auto targets = test::writeSecretFile(hooks.folder / "webhooks", "team.url = " + receiver.url() +
                                            "\nteam.plainHttp = true\nteam.events = all\n");
    const auto make = [&] {
        return hooks.plugin.make<Notifier>("webhook", {{"targetsFile", targets}, {"allowPrivate", "true"}});
    };
    BOOST_TEST(run(notifierCases({make, [&] { return receiver.count(); }, [&] { receiver.leave(); },
                                  [&] { receiver.comeBack(); }})) == 0);
    const auto notifier = make();
    BOOST_TEST(run(httpModuleCases([&] { return hooks.plugin.make<HttpModule>("webhook"); })) == 0);
}

BOOST_AUTO_TEST_CASE(the_sqlite_storage_keeps_the_promises_of_storages)
{
    LoadedPlugin sqlite(bundled("storage-sqlite"));
    test::TempDir folder;
    int number = 0;
    const auto fresh = [&] {
        const auto file = folder / ("farm" + std::to_string(++number) + ".db");
        return Open([&sqlite, file] { return sqlite.make<Storage>("sqlite", {{"path", file}}); });
    };
    BOOST_TEST(run(storageCases(fresh)) == 0);
}

/// A promise that is not in the list would never be checked by anybody else.
BOOST_AUTO_TEST_CASE(the_list_for_authors_of_storages_has_every_promise)
{
    static const std::regex check("\ninline void ([A-Za-z]+)\\(const Open& open\\)");
    std::set<std::string> listed, written;
    for (const auto& one : storageCases([] { return Open(); }))
        listed.insert(one.name);
    for (const auto& file : std::filesystem::directory_iterator(test::sourceDirectory() / "core/include/apbfarm/conformance")) {
        const auto text = test::readFile(file.path());
        for (std::sregex_iterator at(text.begin(), text.end(), check), end; at != end; ++at)
            written.insert((*at)[1]);
    }
    BOOST_TEST(listed == written, boost::test_tools::per_element());
}

/// Each suite finds somebody who breaks a promise.
BOOST_AUTO_TEST_CASE(a_scheduler_that_breaks_a_promise_is_found)
{
    struct Chatty final : Scheduler {
        Placement pick(const Build&, std::span<const ServerSnapshot> candidates) override
        {
            return Placement::on(candidates.front().id, "because " + candidates.front().id + " is fine");
        }
    };
    struct Foreign final : Scheduler {
        Placement pick(const Build&, std::span<const ServerSnapshot>) override { return Placement::on("elsewhere", "so"); }
    };
    struct Lazy final : Scheduler {
        Placement pick(const Build&, std::span<const ServerSnapshot>) override { return Placement::wait(""); }
    };
    BOOST_TEST(run(schedulerCases([] { return std::make_unique<Chatty>(); })) == 1);
    BOOST_TEST(run(schedulerCases([] { return std::make_unique<Foreign>(); })) == 1);
    BOOST_TEST(run(schedulerCases([] { return std::make_unique<Lazy>(); })) == 2);
}

BOOST_AUTO_TEST_CASE(an_authenticator_that_breaks_a_promise_is_found)
{
    /// Compares as C does.
    struct Careless final : Authenticator {
        std::optional<Identity> authenticate(const Credentials& who) override
        {
            const bool right = std::string(std::string(who.password).c_str()) == "secret";
            return right && who.username == "alice" ? std::optional(Identity{"alice", "", Role::User}) : std::nullopt;
        }
    };
    struct Generous final : Authenticator {
        std::optional<Identity> authenticate(const Credentials&) override { return Identity{"", "", Role::Guest}; }
    };
    BOOST_TEST(run(authenticatorCases({[] { return std::make_unique<Careless>(); }, "alice", "secret"})) == 1);
    BOOST_TEST(run(authenticatorCases({[] { return std::make_unique<Generous>(); }, "alice", "secret"})) == 4);
}

BOOST_AUTO_TEST_CASE(a_notifier_that_breaks_a_promise_is_found)
{
    struct Forgetful final : Notifier {
        bool enabled() override { return true; }
        void deliver(const Notification&) override {}
    };
    BOOST_TEST(run(notifierCases({[] { return std::make_unique<Forgetful>(); }, [] { return 0; }, [] {}, [] {}})) == 4);
}

BOOST_AUTO_TEST_CASE(a_module_that_breaks_a_promise_is_found)
{
    struct Wandering final : HttpModule {
        std::string mountPoint() const override { return "/here"; }
        void declare(RouteTable& routes) override
        {
            routes.get("/there", Access::Guest, nullptr);
        }
    };
    BOOST_TEST(run(httpModuleCases([] { return std::make_unique<Wandering>(); })) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

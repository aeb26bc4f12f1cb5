// SPDX-License-Identifier: MIT
#include "loader/plugin_folder.h"
#include "plugin/extension_host.h"
#include "plugin/plugin_set.h"
#include "support/http_exchange.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"


#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using plugin::PluginError;
using test::has;

namespace {

/// None of these plugins has secrets.
struct NoSecrets final : SecretBox {
    std::string seal(std::string_view, std::string_view) override { throw std::logic_error("no secrets here"); }
    std::string open(std::string_view, std::string_view) override { throw std::logic_error("no secrets here"); }
};

/// The real loader, catalog and host over plugins that misbehave.
struct FarmWithBrokenPlugins : test::PluginFolder {
    void load(const std::string& name)
    {
        install(name);
        plugin::PluginLoader loader(path);
        plugin::loadPlugins(loader, {name}, catalog, configuration, log.logger());
    }
    template <class F> std::string complaint(F&& f)
    {
        try {
            f();
            return "none";
        } catch (const PluginError& error) {
            return error.what();
        }
    }

    test::LogLines log{"scheduler-throws-always"};
    util::ConfigValues configuration;
    test::ManualClock clock;
    NoSecrets secrets;
    plugin::ExtensionCatalog catalog;
    plugin::ExtensionHost host{catalog, configuration, secrets, dir.path().string(), clock};
    std::vector<ServerSnapshot> servers{
        {.id = "http://a:8000", .health = ServerHealth::Healthy, .slots = 2, .freeSlots = 1},
        {.id = "http://b:8000", .health = ServerHealth::Healthy, .slots = 2, .freeSlots = 2}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(BrokenPlugins)

BOOST_FIXTURE_TEST_CASE(one_that_throws_while_registering_stops_the_start_and_leaves_nothing, FarmWithBrokenPlugins)
{
    const auto text = complaint([&] { load("scheduler-throws-registering"); });
    BOOST_TEST(has(text, "scheduler-throws-registering.so failed while it registered: no licence found"));
    BOOST_TEST(catalog.names<Scheduler>().empty());
}

BOOST_FIXTURE_TEST_CASE(two_with_the_same_extension_stop_the_start, FarmWithBrokenPlugins)
{
    load("scheduler-foreign-server");
    const auto text = complaint([&] { load("scheduler-takes-a-name"); });
    BOOST_TEST(has(text, "There is the scheduler 'foreign' from scheduler-foreign-server already"));
}

BOOST_FIXTURE_TEST_CASE(one_that_throws_while_created_stops_the_start_with_its_name, FarmWithBrokenPlugins)
{
    load("scheduler-throws-creating");
    const auto throwing = complaint([&] { host.createScheduler("throwing"); });
    BOOST_TEST(has(throwing, "scheduler throwing of the plugin scheduler-throws-creating could not be created"));
    const auto nothing = complaint([&] { host.createScheduler("nothing"); });
    BOOST_TEST(has(nothing, "the plugin gave nothing"));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_option_stops_the_start_with_its_full_key, FarmWithBrokenPlugins)
{
    load("scheduler-throws-creating");
    configuration["scheduler.picky.limit"] = {"three", "farm.properties:1"};
    const auto text = complaint([&] { host.createScheduler("picky"); });
    BOOST_TEST(has(text, "scheduler.picky.limit must be a whole number, not 'three'"));
}

BOOST_FIXTURE_TEST_CASE(a_scheduler_that_throws_is_replaced_by_the_built_in_choice_G3, FarmWithBrokenPlugins)
{
    load("scheduler-throws-always");
    const auto placement = host.createScheduler("odd").pick(Build{}, servers);
    BOOST_TEST(placement.server.value() == "http://b:8000");
    BOOST_TEST(has(placement.reason, "The scheduler 'odd' failed"));
    BOOST_TEST(log.contain("scheduler odd failed in pick: an exception of an unknown type"));
    BOOST_TEST(host.reports().at(0).failures == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_scheduler_that_names_a_foreign_server_is_not_followed_G4, FarmWithBrokenPlugins)
{
    load("scheduler-foreign-server");
    const auto placement = host.createScheduler("foreign").pick(Build{}, servers);
    BOOST_TEST(placement.server.value() == "http://b:8000");
    BOOST_TEST(!has(placement.reason, "elsewhere"));
}

BOOST_FIXTURE_TEST_CASE(an_authenticator_that_throws_recognises_nobody_G3, FarmWithBrokenPlugins)
{
    load("scheduler-throws-always");
    BOOST_TEST(!host.createAuthenticator("odd").authenticate({"admin", "admin123", "127.0.0.1"}));
    BOOST_TEST(log.contain("directory"));
}

BOOST_FIXTURE_TEST_CASE(a_notifier_that_throws_is_asked_again_later_G3, FarmWithBrokenPlugins)
{
    load("scheduler-throws-always");
    auto* notifier = host.createNotifier("odd");
    BOOST_TEST(!notifier->enabled());
    BOOST_CHECK_THROW(notifier->deliver({}), std::runtime_error);
}

BOOST_FIXTURE_TEST_CASE(a_module_that_throws_harms_only_that_request_R13, FarmWithBrokenPlugins)
{
    load("scheduler-throws-always");
    test::CollectedRoutes routes;
    test::ReceivedRequest request;
    test::SentResponse response;
    auto& module = host.createHttpModule("odd");
    module.declare(routes);
    BOOST_CHECK_THROW(routes.routes.at(0).handler(request, response), std::runtime_error);
    BOOST_TEST(!module.renderError(std::runtime_error("x"), request, response));
}

BOOST_FIXTURE_TEST_CASE(a_module_that_takes_a_route_of_the_farm_stops_the_start_R13, FarmWithBrokenPlugins)
{
    load("scheduler-throws-always");
    test::CollectedRoutes routes;
    auto& module = host.createHttpModule("greedy");
    const auto text = complaint([&] { module.declare(routes); });
    BOOST_TEST(has(text, "declares the route '/auth/users' outside of its own '/greedy'"));
    BOOST_TEST(routes.routes.empty());
}

BOOST_FIXTURE_TEST_CASE(only_a_notifier_marked_optional_may_be_missing, FarmWithBrokenPlugins)
{
    plugin::PluginLoader loader(path);
    const auto start = [&] { plugin::loadPlugins(loader, {"notify-gone"}, catalog, configuration, log.logger()); };
    BOOST_TEST(has(complaint(start), "notify-gone.so is not loaded"));

    configuration["notify.gone.optional"] = {"true", "farm.properties:1"};
    BOOST_TEST(complaint(start) == "none");
    BOOST_TEST(log.contain("Going on without an optional notifier. notify-gone.so is not loaded"));
    BOOST_TEST(host.createNotifier("gone") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

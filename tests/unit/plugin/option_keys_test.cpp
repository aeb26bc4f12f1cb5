// SPDX-License-Identifier: MIT
#include "plugin/option_keys.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using plugin::PluginError;

namespace {

template <class Extension> Provider<Extension> provider(const std::string& name)
{
    return {name, "Tests", {{"weight", "1", "A number", OptionKind::Whole}},
            [](ExtensionContext&) -> std::unique_ptr<Extension> { throw std::logic_error("nobody makes this"); }};
}

/// A farm that has loaded `scheduler-leastload` and `notify-smtp` and could load two more.
struct Plugins {
    Plugins()
    {
        catalog.admit({kPluginAbi, APB_FARM_TOOLCHAIN, "scheduler-leastload", "1.0",
                       [](ExtensionRegistry& registry) { registry.add(provider<Scheduler>("leastload")); }});
        catalog.admit({kPluginAbi, APB_FARM_TOOLCHAIN, "notify-smtp", "1.0", [](ExtensionRegistry& registry) {
                           registry.add(provider<Notifier>("smtp"));
                           registry.add(provider<HttpModule>("smtp"));
                       }});
    }
    /// "accepted", or what is said about a file with that line.
    std::string complaint(const std::string& key, const std::string& value = "1")
    {
        try {
            auto all = configuration;
            all[key] = {value, "farm.properties:7"};
            plugin::checkOptionKeys(catalog, {"notify-smtp", "notify-webhook", "scheduler-fit", "scheduler-leastload"}, all);
            return "accepted";
        } catch (const PluginError& error) {
            return error.what();
        }
    }

    plugin::ExtensionCatalog catalog;
    util::ConfigValues configuration;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(OptionKeys, Plugins)

BOOST_AUTO_TEST_CASE(options_of_loaded_plugins_and_of_those_that_are_only_installed_are_accepted)
{
    for (const auto* key : {"scheduler.leastload.weight", "notify.smtp.weight", "notify.smtp.optional", "http.smtp.weight",
                            "scheduler.fit.learnSeconds", "notify.webhook.targetsFile", "http.webhook.anything"})
        BOOST_TEST(complaint(key) == "accepted", key);
}

BOOST_AUTO_TEST_CASE(an_option_of_nobody_is_refused_with_its_place_and_a_remedy_O1)
{
    BOOST_TEST(complaint("scheduler.lestload.weight") == "farm.properties:7: unknown key 'scheduler.lestload.weight': no "
                                                         "plugin offers 'scheduler.lestload'; did you mean "
                                                         "'scheduler.leastload.weight'?");
    BOOST_TEST(complaint("notify.webhok.targetsFile").find("did you mean 'notify.webhook.targetsFile'?") != std::string::npos);
    const auto far = complaint("auth.kerberos.realm.name");
    BOOST_TEST(far.find("farm.properties:7: unknown key 'auth.kerberos.realm.name'") == 0u, far);
    BOOST_TEST(far.find("apb-farm --list-plugins") != std::string::npos, far);
    BOOST_TEST(complaint("http.module.monitor.key").find("unknown key") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_loaded_plugin_has_options_where_it_offers_something_and_nowhere_else_O1)
{
    BOOST_TEST(complaint("scheduler.smtp.weight").find("unknown key") != std::string::npos);
    BOOST_TEST(complaint("http.leastload.weight").find("unknown key") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_option_that_is_wrong_is_refused_although_nobody_chose_its_extension_O1)
{
    BOOST_TEST(complaint("scheduler.leastload.wieght").find("Known are: scheduler.leastload.weight") != std::string::npos);
    BOOST_TEST(complaint("scheduler.leastload.weight", "much").find("farm.properties:7: ") == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_an_optional_notifier_is_left_to_its_creation)
{
    configuration["notify.smtp.optional"] = {"true", "plugins.optional"};
    BOOST_TEST(complaint("notify.smtp.wieght") == "accepted");
    BOOST_TEST(complaint("notify.smpt.weight").find("did you mean 'notify.smtp.weight'?") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

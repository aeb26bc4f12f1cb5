// SPDX-License-Identifier: MIT
#include "plugin/extension_catalog.h"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace apbfarm;
using plugin::PluginError;

namespace {

struct NobodyScheduler final : Scheduler {
    Placement pick(const Build&, std::span<const ServerSnapshot>) override { return Placement::wait("nobody"); }
};

Provider<Scheduler> provider(const std::string& name, std::vector<OptionSpec> options = {})
{
    return {name, "Tests", std::move(options),
            [](ExtensionContext&) { return std::make_unique<NobodyScheduler>(); }};
}

PluginManifest manifest(const char* name, void (*registers)(ExtensionRegistry&))
{
    return {kPluginAbi, APB_FARM_TOOLCHAIN, name, "1.0", registers};
}

} // namespace

BOOST_AUTO_TEST_SUITE(ExtensionCatalog)

BOOST_AUTO_TEST_CASE(finds_providers_by_extension_point_and_name_with_their_plugin)
{
    plugin::ExtensionCatalog catalog;
    catalog.admit(manifest("scheduler-a", [](ExtensionRegistry& registry) { registry.add(provider("a")); }));
    BOOST_TEST(catalog.find<Scheduler>("a")->plugin == "scheduler-a");
    BOOST_TEST(!catalog.find<Scheduler>("b"));
    BOOST_TEST(!catalog.find<Notifier>("a"));
    catalog.add(provider("own"));
    BOOST_TEST(catalog.find<Scheduler>("own")->plugin == "core");
}

BOOST_AUTO_TEST_CASE(refuses_a_second_provider_of_the_same_name)
{
    plugin::ExtensionCatalog catalog;
    catalog.add(provider("a"));
    BOOST_CHECK_THROW(catalog.add(provider("a")), std::logic_error);
}

BOOST_AUTO_TEST_CASE(refuses_names_and_options_that_cannot_be_written_in_the_configuration)
{
    plugin::ExtensionCatalog catalog;
    for (const std::string name : {"", "Least Load", "a.b", "a/b"})
        BOOST_CHECK_THROW(catalog.add(provider(name)), std::logic_error);
    BOOST_CHECK_THROW(catalog.add(provider("a", {{"x.y", "", ""}})), std::logic_error);
    BOOST_CHECK_THROW(catalog.add(provider("a", {{"x", "", ""}, {"x", "", ""}})), std::logic_error);
    auto empty = provider("a");
    empty.create = nullptr;
    BOOST_CHECK_THROW(catalog.add(empty), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_plugin_that_fails_while_registering_leaves_nothing_behind)
{
    plugin::ExtensionCatalog catalog;
    const auto half = manifest("scheduler-half", [](ExtensionRegistry& registry) {
        registry.add(provider("a"));
        throw std::runtime_error("half way");
    });
    BOOST_CHECK_EXCEPTION(catalog.admit(half), PluginError, [](const PluginError& error) {
        return std::string(error.what()).find("scheduler-half.so failed while it registered: half way") == 0;
    });
    BOOST_TEST(!catalog.find<Scheduler>("a"));
    catalog.add(provider("a"));
    BOOST_TEST(catalog.find<Scheduler>("a")->plugin == "core");
}

BOOST_AUTO_TEST_CASE(describes_every_provider_with_options_defaults_and_help)
{
    plugin::ExtensionCatalog catalog;
    catalog.add(provider("night", {{"from", "22", "Hour at which it begins"}}));
    const auto text = catalog.describe();
    for (const std::string part : {"scheduler.night (core)", "Tests", "scheduler.night.from = 22", "Hour at which"})
        BOOST_TEST(text.find(part) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(describes_what_each_option_takes)
{
    plugin::ExtensionCatalog catalog;
    catalog.add(provider("night", {{"ports", "465", "Ports, separated by commas"},
                                   {"loud", "false", "Rings", OptionKind::Flag},
                                   {"from", "22", "Hour", OptionKind::Whole, 0, 23},
                                   {"weight", "1", "Factor", OptionKind::Number, 0.01},
                                   {"limit", "7", "Count", OptionKind::Whole, -INFINITY, 1'000'000},
                                   {"any", "0", "Free", OptionKind::Number}}));
    const auto text = catalog.describe();
    for (const std::string part : {"commas (text)", "Rings (flag)", "Hour (whole number from 0 to 23)",
                                   "Factor (number of at least 0.01)", "Count (whole number of at most 1000000)",
                                   "Free (number)"})
        BOOST_TEST(text.find(part) != std::string::npos, part << " in " << text);
}

BOOST_AUTO_TEST_CASE(refuses_a_default_that_is_not_of_its_kind)
{
    plugin::ExtensionCatalog catalog;
    BOOST_CHECK_THROW(catalog.add(provider("a", {{"hour", "noon", "", OptionKind::Whole}})), std::logic_error);
    BOOST_CHECK_THROW(catalog.add(provider("a", {{"hour", "24", "", OptionKind::Whole, 0, 23}})), std::logic_error);
    BOOST_CHECK_THROW(catalog.add(provider("a", {{"loud", "", "", OptionKind::Flag}})), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

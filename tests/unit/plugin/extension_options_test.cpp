// SPDX-License-Identifier: MIT
#include "plugin/extension_options.h"
#include "plugin/plugin_error.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using plugin::PluginError;

namespace {

struct OptionsFixture {
    plugin::ExtensionOptions options() const { return {"notify.pager.", declared, configuration}; }
    void set(const std::string& key, const std::string& value) { configuration[key] = {value, "farm.properties:7"}; }

    util::ConfigValues configuration;
    std::vector<OptionSpec> declared{{"port", "25", ""}, {"weight", "1.5", ""}, {"loud", "false", ""}, {"text", "", ""}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(ExtensionOptions)

BOOST_FIXTURE_TEST_CASE(fills_in_declared_defaults, OptionsFixture)
{
    BOOST_TEST(options().getInt("port") == 25);
    BOOST_TEST(options().getDouble("weight") == 1.5);
    BOOST_TEST(!options().getBool("loud"));
    BOOST_TEST(options().getString("text") == "");
}

BOOST_FIXTURE_TEST_CASE(reads_what_the_configuration_says, OptionsFixture)
{
    set("notify.pager.port", " 2525 ");
    set("notify.pager.weight", "-0.25");
    set("notify.pager.loud", "Yes");
    set("notify.other.port", "1");
    BOOST_TEST(options().getInt("port") == 2525);
    BOOST_TEST(options().getDouble("weight") == -0.25);
    BOOST_TEST(options().getBool("loud"));
}

BOOST_FIXTURE_TEST_CASE(refuses_unknown_keys_and_lists_the_known_ones, OptionsFixture)
{
    set("notify.pager.prot", "2525");
    BOOST_CHECK_EXCEPTION(options(), PluginError, [](const PluginError& error) {
        const std::string text = error.what();
        return text.find("farm.properties:7: unknown key 'notify.pager.prot'") == 0 &&
               text.find("notify.pager.port, notify.pager.weight") != std::string::npos;
    });
}

BOOST_FIXTURE_TEST_CASE(refuses_unknown_keys_at_any_depth, OptionsFixture)
{
    set("notify.pager.port.number", "1");
    BOOST_CHECK_THROW(options(), PluginError);
}

BOOST_FIXTURE_TEST_CASE(a_value_that_does_not_parse_names_the_full_key, OptionsFixture)
{
    for (const std::string value : {"", "12x", "0x10", "1.5", "99999999999999999999", "+-1"}) {
        set("notify.pager.port", value);
        BOOST_CHECK_EXCEPTION(options().getInt("port"), InvalidInput, [](const InvalidInput& error) {
            return std::string(error.what()).find("notify.pager.port must be a whole number") == 0 &&
                   error.fields().at(0).field == "notify.pager.port";
        });
    }
    for (const std::string value : {"nan", "inf", "1,5", "one"}) {
        set("notify.pager.weight", value);
        BOOST_CHECK_THROW(options().getDouble("weight"), InvalidInput);
    }
    set("notify.pager.loud", "maybe");
    BOOST_CHECK_THROW(options().getBool("loud"), InvalidInput);
}

BOOST_FIXTURE_TEST_CASE(a_value_that_is_not_of_its_kind_is_refused_with_its_place_O1, OptionsFixture)
{
    declared = {{"port", "25", "", OptionKind::Whole, 1, 65535}, {"weight", "1.5", "", OptionKind::Number, 0},
                {"loud", "false", "", OptionKind::Flag}, {"text", "", ""}};
    const auto refusal = [&](const std::string& key, const std::string& value) {
        configuration.clear();
        set("notify.pager." + key, value);
        try {
            return options().getString(key);
        } catch (const PluginError& error) {
            return std::string(error.what());
        }
    };
    BOOST_TEST(refusal("port", "0") == "farm.properties:7: notify.pager.port = '0': expected a whole number from 1 to 65535");
    for (const std::string value : {"", "12x", "1.5", "65536", "99999999999999999999"})
        BOOST_TEST(refusal("port", value) != value);
    BOOST_TEST(refusal("port", " 65535 ") == "65535");
    for (const std::string value : {"-0.01", "nan", "inf", "1,5", ""})
        BOOST_TEST(refusal("weight", value) != value);
    BOOST_TEST(refusal("weight", "1e3") == "1e3");
    BOOST_TEST(refusal("loud", "maybe") == "farm.properties:7: notify.pager.loud = 'maybe': expected true or false");
    BOOST_TEST(refusal("loud", "ON") == "ON");
    BOOST_TEST(refusal("text", "465, 587") == "465, 587");
}

BOOST_FIXTURE_TEST_CASE(an_option_that_was_not_declared_is_a_mistake_of_the_plugin, OptionsFixture)
{
    BOOST_CHECK_THROW(options().getString("colour"), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

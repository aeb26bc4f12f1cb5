// SPDX-License-Identifier: MIT
#include "app/farm_config.h"

#include "app/farm_config_options.h"
#include "app/farm_config_values.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct Files {
    test::TempDir folder;
    app::CommandLine commandLine;
    app::Environment environment{{"HOME", folder.path().string()}};
    std::string propertiesFile = (folder / "farm.properties").string();

    Files()
    {
        json(R"({"servers": {"x86_64": ["http://one:8000"]}})");
        properties("");
    }
    void json(const std::string& text)
    {
        std::ofstream(folder / "apb.json") << text;
        commandLine.config = (folder / "apb.json").string();
    }
    void properties(const std::string& text)
    {
        std::ofstream(propertiesFile) << text;
        commandLine.properties = propertiesFile;
    }
    app::FarmConfig load() { return app::loadConfig(commandLine, environment); }
    std::string complaint()
    {
        try {
            load();
        } catch (const app::ConfigError& error) {
            return error.what();
        }
        return "accepted";
    }
    std::string complaintAbout(const std::string& text)
    {
        properties(text);
        return complaint();
    }
};

bool warnedOf(const app::FarmConfig& config, std::string_view words)
{
    return std::ranges::any_of(config.warnings, [&](auto& text) { return text.find(words) != text.npos; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(FarmConfig)

BOOST_FIXTURE_TEST_CASE(without_settings_the_documented_defaults_hold, Files)
{
    const auto config = load();
    BOOST_TEST(config.http.host == "0.0.0.0");
    BOOST_TEST(config.http.port == 8080);
    BOOST_CHECK(config.log.level == app::LogLevel::Info);
    BOOST_CHECK(config.dispatch.interval == 5s);
    BOOST_CHECK(config.follow.discoveryInterval == 300s);
    BOOST_CHECK(config.auth.tokenCleanupInterval == 1h);
    BOOST_CHECK(config.follow.lostAfter == 10min);
    BOOST_TEST(config.limits.fileSize == 100u << 20);
    BOOST_TEST(config.limits.requestSize == 500u << 20);
    BOOST_TEST(config.auth.tokenDays == 10);
    BOOST_CHECK(config.auth.bootstrap == app::BootstrapMode::Default);
    BOOST_TEST(config.scheduler == "leastload");
    BOOST_TEST(config.plugins.load.size() == 4u);
    BOOST_TEST(config.database.path == folder / ".apb/farm.db");
    BOOST_TEST(config.servers.size() == 1u);
    BOOST_TEST(!config.auth.off);
}

BOOST_FIXTURE_TEST_CASE(the_nearer_source_wins, Files)
{
    properties("http.port = 1001\ndatabase.path = /properties.db\nlog.level = ERROR\nhttp.host = 10.0.0.1\nauth.tokenDays = 20\n");
    BOOST_TEST(load().http.port == 1001);
    BOOST_TEST(load().auth.tokenDays == 20);
    json(R"({"servers": {"x86_64": ["http://one:8000"]}, "database": {"path": "/json.db"}, "security": {"token_expiry_days": 3}})");
    BOOST_TEST(load().database.path == "/json.db");
    BOOST_TEST(load().auth.tokenDays == 3);
    environment.insert({{"APB_FARM_PORT", "1002"}, {"APB_FARM_DATABASE", "/environment.db"}, {"APB_FARM_LOG_LEVEL", "debug"},
                        {"APB_FARM_HOST", "10.0.0.2"}});
    BOOST_TEST(load().http.port == 1002);
    BOOST_TEST(load().database.path == "/environment.db");
    commandLine.port = "1003";
    commandLine.database = "/command.db";
    commandLine.host = "10.0.0.3";
    commandLine.logLevel = "CRITICAL";
    const auto config = load();
    BOOST_TEST(config.http.port == 1003);
    BOOST_TEST(config.database.path == "/command.db");
    BOOST_TEST(config.http.host == "10.0.0.3");
    BOOST_CHECK(config.log.level == app::LogLevel::Critical);
}

BOOST_FIXTURE_TEST_CASE(files_may_be_named_by_the_environment, Files)
{
    properties("http.port = 1001\n");
    environment["APB_FARM_CONFIG"] = *commandLine.config;
    environment["APB_FARM_PROPERTIES"] = *commandLine.properties;
    commandLine = {};
    BOOST_TEST(load().http.port == 1001);
}

BOOST_FIXTURE_TEST_CASE(an_empty_variable_counts_as_not_set, Files)
{
    environment["APB_FARM_PORT"] = "";
    BOOST_TEST(load().http.port == 8080);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_key_names_its_place_and_the_key_that_was_meant_o1, Files)
{
    BOOST_TEST(complaintAbout("# comment\nhttp.prot = 80\n")
               == propertiesFile + ":2: unknown key 'http.prot'; did you mean 'http.port'?");
    BOOST_TEST(complaintAbout("lost.givUpAfter = 1h\n").find("did you mean 'lost.giveUpAfter'?") != std::string::npos);
    BOOST_TEST(complaintAbout("completely.different = 1\n").find("lists all of them") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_bad_value_names_its_place_and_what_was_expected_o1, Files)
{
    BOOST_TEST(complaintAbout("http.port = 65536\n")
               == propertiesFile + ":1: http.port = '65536': expected a whole number from 0 to 65535");
    for (const auto* line : {"http.port = -1", "http.port = 8080x", "http.port =", "dispatch.interval = 5 parsecs",
                             "dispatch.interval = 0", "dispatch.interval = -5s", "limits.fileSize = 1TB2", "cache.enabled = maybe",
                             "log.level = LOUD", "auth.bootstrap = some", "scheduler =", "scheduler = a, b",
                             "http.publicUrl = farm.example.com", "limits.fileSize = 99999999999999GB"})
        BOOST_TEST(complaintAbout(line).find(propertiesFile + ":1: ") == 0u, line);
}

BOOST_FIXTURE_TEST_CASE(a_bad_value_from_elsewhere_names_where_it_came_from_o1, Files)
{
    environment["APB_FARM_PORT"] = "eighty";
    BOOST_TEST(complaint().find("APB_FARM_PORT: http.port = 'eighty'") == 0u);
    commandLine.port = "ninety";
    BOOST_TEST(complaint().find("--port: http.port = 'ninety'") == 0u);
    commandLine.port = "90";
    json(R"({"servers": {"x86_64": ["http://one:8000"]}, "security": {"token_expiry_days": 0}})");
    BOOST_TEST(complaint().find("apb.json: security.token_expiry_days: auth.tokenDays = '0'") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(options_of_plugins_are_passed_on_unchecked_with_their_place, Files)
{
    properties("scheduler = roundrobin\nscheduler.leastload.queueWeight = 1.5\nauth.ldap.url = ldap://x\n"
               "notify.smtp.timeout = 5\nstorage.sqlite.path = /x\nhttp.module.monitor.key = 1\n");
    const auto config = load();
    BOOST_TEST(config.scheduler == "roundrobin");
    BOOST_TEST(config.pluginOptions.size() == 5u);
    BOOST_TEST(config.pluginOptions.at("scheduler.leastload.queueWeight").text == "1.5");
    BOOST_TEST(config.pluginOptions.at("auth.ldap.url").origin == propertiesFile + ":3");
}

BOOST_FIXTURE_TEST_CASE(a_plugin_option_needs_kind_name_and_key_o1, Files)
{
    for (const auto* key : {"scheduler.leastload", "scheduler..x", "auth.tokendays", "shceduler.leastload.x", "notify.smtp."})
        BOOST_TEST(complaintAbout(std::string(key) + " = 1\n").find("unknown key") != std::string::npos, key);
}

BOOST_FIXTURE_TEST_CASE(lists_sizes_durations_and_homes_are_understood, Files)
{
    properties("plugins.load = a, b ,, \\\n  c\nlimits.fileSize = 64KB\nserver.maxArtifact = 2 GB\nfollow.logInterval = 500ms\n"
               "dispatch.interval = 7\ndatabase.backupInterval = 2h\nstate.directory = ~/s\nweb.directory = relative/web\n");
    const auto config = load();
    BOOST_TEST(config.plugins.load == std::vector<std::string>({"a", "b", "c"}), boost::test_tools::per_element());
    BOOST_TEST(config.limits.fileSize == 65536u);
    BOOST_TEST(config.server.maxArtifact == 2ull << 30);
    BOOST_CHECK(config.follow.logInterval == 500ms);
    BOOST_CHECK(config.dispatch.interval == 7s);
    BOOST_CHECK(config.database.backupInterval == 2h);
    BOOST_TEST(config.state.directory == folder / "s");
    BOOST_TEST(config.web.directory == "relative/web");
}

BOOST_FIXTURE_TEST_CASE(settings_that_contradict_each_other_are_refused_o1, Files)
{
    BOOST_TEST(complaintAbout("lost.after = 2h\n").find("lost.giveUpAfter is shorter") != std::string::npos);
    BOOST_TEST(complaintAbout("limits.requestSize = 1MB\n").find(propertiesFile + ":1: limits.requestSize is smaller") == 0u);
    BOOST_TEST(complaintAbout("plugins.optional = notify-pigeon\n").find("not among plugins.load") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_named_file_must_be_there_o1, Files)
{
    commandLine.properties = (folder / "absent.properties").string();
    BOOST_TEST(complaint().find("cannot be read") != std::string::npos);
    properties("");
    commandLine.config = (folder / "absent.json").string();
    BOOST_TEST(complaint().find("absent.json: the file cannot be read") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(authentication_off_is_loud_and_only_on_the_command_line, Files)
{
    commandLine.noAuth = true;
    const auto config = load();
    BOOST_TEST(config.auth.off);
    BOOST_TEST(warnedOf(config, "--no-auth"));
    BOOST_TEST(complaintAbout("auth.off = true\n").find("unknown key") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_shipped_file_lists_every_option_with_its_default)
{
    auto shipped = app::readProperties(test::sourceDirectory() / "etc/apb-farm.properties");
    for (const auto& group : app::farmOptions("~"))
        for (const auto& option : group.options) {
            const auto line = shipped.extract(option.key);
            BOOST_REQUIRE_MESSAGE(line, "etc/apb-farm.properties lacks " << option.key);
            // The documented default of --host is every address; the file ships the careful choice (O3).
            BOOST_TEST(line.mapped().text == (option.key == "http.host" ? "127.0.0.1" : option.defaultValue), option.key);
        }
    BOOST_TEST(shipped.empty(), "etc/apb-farm.properties has a key that nobody knows");
}

BOOST_AUTO_TEST_CASE(the_shipped_file_carries_the_help_of_every_option)
{
    const auto shipped = test::readFile(test::sourceDirectory() / "etc/apb-farm.properties");
    for (const auto& group : app::farmOptions("~"))
        for (const auto& option : group.options)
            BOOST_TEST(shipped.find("# " + option.help + " (" + option.type + ")\n") != std::string::npos, option.key);
}

BOOST_FIXTURE_TEST_CASE(the_description_of_all_options_is_a_file_that_loads_o1, Files)
{
    properties(app::describeOptions());
    BOOST_TEST(load().http.host == "0.0.0.0");
}

BOOST_FIXTURE_TEST_CASE(listening_for_others_without_a_proxy_is_warned_of_O3, Files)
{
    const auto warned = [&](const char* settings) {
        properties(settings);
        return warnedOf(load(), "without TLS");
    };
    BOOST_TEST(warned("http.host = 0.0.0.0\n"));
    BOOST_TEST(!warned("http.host = 127.0.0.1\n"));
    BOOST_TEST(!warned("http.host = ::1\n"));
    BOOST_TEST(!warned("http.host = 0.0.0.0\nhttp.trustedProxies = 10.0.0.1\n"));
}

BOOST_FIXTURE_TEST_CASE(sites_that_may_read_answers_are_named_one_by_one_W5, Files)
{
    properties("http.corsOrigins = https://status.example.com, http://localhost:3000\n");
    BOOST_TEST((load().http.corsOrigins == std::vector<std::string>{"https://status.example.com", "http://localhost:3000"}));
    for (const auto* bad : {"*", "https://*.example.com", "status.example.com", "https://status.example.com/", "null",
                            "https://", "https://Status.example.com", "javascript:x"}) {
        properties("http.corsOrigins = " + std::string(bad) + "\n");
        BOOST_CHECK_THROW(load(), app::ConfigError);
    }
}

BOOST_AUTO_TEST_SUITE_END()

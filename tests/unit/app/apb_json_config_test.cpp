// SPDX-License-Identifier: MIT
#include "app/apb_json.h"

#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using app::parseApbJson;

namespace {

std::string complaint(const std::string& text)
{
    try {
        parseApbJson(text, "apb.json");
    } catch (const app::ConfigError& error) {
        return error.what();
    }
    return "accepted";
}

std::string withServers(const std::string& more)
{
    return R"({"servers": {"x86_64": ["http://one:8000"]}, )" + more + "}";
}

bool says(const std::string& text, const std::string& what)
{
    return text.find(what) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ApbJson)

BOOST_AUTO_TEST_CASE(servers_keep_the_order_of_the_file_and_lose_trailing_slashes)
{
    const auto json = parseApbJson(R"({"servers": {"x86_64": ["http://b:8000/", "https://a.example.com/servers//"],
                                       "powerpc": ["http://c:1"], "aarch64": ["http://[2001:db8::1]:8000"]}})", "f");
    std::string all;
    for (const auto& server : json.servers)
        all += server.group + "=" + server.url + " ";
    BOOST_TEST(all == "x86_64=http://b:8000 x86_64=https://a.example.com/servers powerpc=http://c:1 "
                      "aarch64=http://[2001:db8::1]:8000 ");
    BOOST_TEST(json.warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_server_listed_twice_counts_once_with_a_warning)
{
    const auto json = parseApbJson(R"({"servers": {"x86_64": ["http://a:1"], "any": ["http://a:1/", "http://b:1"]}})", "f");
    BOOST_TEST(json.servers.size() == 2u);
    BOOST_TEST(json.servers[0].group == "x86_64");
    BOOST_REQUIRE(json.warnings.size() == 1u);
    BOOST_TEST(says(json.warnings[0], "servers.any[0]"));
}

BOOST_AUTO_TEST_CASE(settings_come_under_the_names_of_the_properties)
{
    const auto json = parseApbJson(withServers(R"("farm_url": "https://farm.example.com",
        "cache": {"enabled": false, "retention_days": 7, "directory": "~/c", "max_size_mb": 100},
        "database": {"path": "./apb-farm.db", "backup_interval": 3600},
        "security": {"token_expiry_days": 5, "max_login_attempts": 3, "require_email": true},
        "notifications": {"smtp_enabled": false, "admin_notifications": false})"), "apb.json");
    const auto value = [&](const char* key) { return json.settings.at(key).text; };
    BOOST_TEST(value("http.publicUrl") == "https://farm.example.com");
    BOOST_TEST(value("cache.enabled") == "false");
    BOOST_TEST(value("cache.retentionDays") == "7");
    BOOST_TEST(value("cache.directory") == "~/c");
    BOOST_TEST(value("cache.maxSize") == "100MB");
    BOOST_TEST(value("database.path") == "./apb-farm.db");
    BOOST_TEST(value("database.backupInterval") == "3600s");
    BOOST_TEST(value("auth.tokenDays") == "5");
    BOOST_TEST(value("auth.maxLoginAttempts") == "3");
    BOOST_TEST(value("auth.requireEmail") == "true");
    BOOST_TEST(value("notifications.enabled") == "false");
    BOOST_TEST(value("notifications.admin") == "false");
    BOOST_TEST(json.settings.at("auth.tokenDays").origin == "apb.json: security.token_expiry_days");
    BOOST_TEST(json.warnings.empty());
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_tolerated_with_a_warning_and_those_of_clients_without)
{
    const auto json = parseApbJson(withServers(R"("default_server": "http://x", "default_arch": "x86_64", "output_dir": ".",
                                                   "colour": 1, "cache": {"speed": 2})"), "f");
    BOOST_REQUIRE(json.warnings.size() == 2u);
    BOOST_TEST(says(json.warnings[0], "'colour'"));
    BOOST_TEST(says(json.warnings[1], "'cache.speed'"));
}

BOOST_AUTO_TEST_CASE(a_wrong_type_names_file_path_and_remedy_o1)
{
    BOOST_TEST(complaint(withServers(R"("cache": {"retention_days": "7"})"))
               == "apb.json: cache.retention_days: expected a whole number of 0 or more, without quotes");
    for (const auto* value : {"true", "1.5", "-1", "null", "[]", "99999999999999999999999"})
        BOOST_TEST(says(complaint(withServers(std::string(R"("cache": {"retention_days": )") + value + "}")), "apb.json"), value);
    BOOST_TEST(says(complaint(withServers(R"("security": {"require_email": 1})")), "expected true or false"));
    BOOST_TEST(says(complaint(withServers(R"("farm_url": 1)")), "apb.json: farm_url: expected a text"));
    BOOST_TEST(says(complaint(withServers(R"("database": "x")")), "apb.json: database: expected an object"));
}

BOOST_AUTO_TEST_CASE(servers_of_a_wrong_shape_are_refused_with_a_remedy_o1)
{
    BOOST_TEST(says(complaint("{}"), "there are no build servers; add"));
    BOOST_TEST(says(complaint(R"({"servers": []})"), "apb.json: servers: expected an object"));
    BOOST_TEST(says(complaint(R"({"servers": {}})"), "add at least one"));
    BOOST_TEST(says(complaint(R"({"servers": {"x86_64": []}})"), "add at least one"));
    BOOST_TEST(says(complaint(R"({"servers": {"x86_64": "http://a:1"}})"), "apb.json: servers.x86_64: expected a list"));
    BOOST_TEST(says(complaint(R"({"servers": {"x86_64": ["http://a:1", 5]}})"), "servers.x86_64[1]: expected a URL"));
    BOOST_TEST(says(complaint(R"({"servers": {"x86 64": ["http://a:1"]}})"), "not the name of an architecture"));
}

BOOST_AUTO_TEST_CASE(only_plain_http_and_https_urls_are_servers_v1)
{
    for (const auto* url : {"ftp://a:1", "file:///etc/passwd", "a:8000", "//a:8000", "http://", "http://user@a:1",
                            "http://user:secret@a:1", "http://a:1/?x=1", "http://a:1/#x", "http://a b:1", "http://a:port", ""})
        BOOST_TEST(says(complaint(std::string(R"({"servers": {"x86_64": [")") + url + "\"]}}"), "servers.x86_64[0]:"), url);
}

BOOST_AUTO_TEST_CASE(a_syntax_error_names_its_line_o1)
{
    BOOST_TEST(says(complaint("{\n  \"servers\": {\n    \"x86_64\": [\"http://a:1\",\n    }\n}"), "apb.json:4: this is not valid JSON"));
    BOOST_TEST(says(complaint("{\n\"a\": 1\n\"b\": 2}"), "apb.json:3:"));
    BOOST_TEST(says(complaint(""), "apb.json"));
    BOOST_TEST(says(complaint("{\"servers\""), "apb.json:1:"));
    BOOST_TEST(says(complaint(R"({"farm_url": "http://a", "farm_url": "http://b"})"), "appears twice"));
    BOOST_TEST(says(complaint(std::string(100, '[')), "apb.json"));
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_file_never_makes_a_second_line_of_the_complaint_o1)
{
    for (const std::string text : {"\x12", "{\"a\": \x1b[31m}", "{\"a\nb\": \x07"})
        BOOST_TEST((complaint(text).find_first_of("\x07\x12\x1b\n") == std::string::npos), complaint(text));
}

BOOST_AUTO_TEST_CASE(the_documented_places_are_searched_in_order)
{
    test::TempDir here, home;
    const auto write = [](const std::filesystem::path& file) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << "{}";
        return file;
    };
    const auto last = write(home / ".apb-farm/apb.json");
    if (!std::filesystem::exists("/etc/apb/apb.json"))
        BOOST_TEST(app::findApbJson(here.path(), home.path()).value() == last);
    const auto third = write(home / ".apb/apb.json");
    if (!std::filesystem::exists("/etc/apb/apb.json"))
        BOOST_TEST(app::findApbJson(here.path(), home.path()).value() == third);
    const auto first = write(here / "apb.json");
    BOOST_TEST(app::findApbJson(here.path(), home.path()).value() == first);
}

BOOST_AUTO_TEST_SUITE_END()

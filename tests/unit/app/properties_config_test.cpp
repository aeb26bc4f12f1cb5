// SPDX-License-Identifier: MIT
#include "app/properties_file.h"

#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using app::parseProperties;

namespace {

std::string complaint(const std::string& text)
{
    try {
        parseProperties(text, "farm.properties");
    } catch (const app::ConfigError& error) {
        return error.what();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(PropertiesFile)

BOOST_AUTO_TEST_CASE(keeps_value_and_line_of_each_key)
{
    const auto values = parseProperties("# a comment\n\nhttp.port = 8080\r\n  log.level=DEBUG  \nnotify =\n", "f");
    BOOST_TEST(values.size() == 3u);
    BOOST_TEST(values.at("http.port").text == "8080");
    BOOST_TEST(values.at("http.port").origin == "f:3");
    BOOST_TEST(values.at("log.level").text == "DEBUG");
    BOOST_TEST(values.at("notify").text.empty());
    BOOST_TEST(values.at("notify").origin == "f:5");
}

BOOST_AUTO_TEST_CASE(a_value_may_hold_equals_signs_hashes_and_backslashes)
{
    const auto values = parseProperties("a = x=y # z\nb = c:\\d\\e f\n", "f");
    BOOST_TEST(values.at("a").text == "x=y # z");
    BOOST_TEST(values.at("b").text == "c:\\d\\e f");
}

BOOST_AUTO_TEST_CASE(a_backslash_at_the_end_continues_a_line)
{
    const auto values = parseProperties("plugins.load = one, \\\n    two, \\\n    three\nlast = 1\n", "f");
    BOOST_TEST(values.at("plugins.load").text == "one, two, three");
    BOOST_TEST(values.at("plugins.load").origin == "f:1");
    BOOST_TEST(values.at("last").origin == "f:4");
}

BOOST_AUTO_TEST_CASE(a_comment_is_not_continued)
{
    BOOST_TEST(parseProperties("# windows path c:\\\nkey = 1\n", "f").at("key").text == "1");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_file_and_line_o1)
{
    BOOST_TEST(complaint("a = 1\nnonsense\n").find("farm.properties:2: expected 'key = value'") == 0u);
    BOOST_TEST(complaint("= 1\n").find("farm.properties:1:") == 0u);
    BOOST_TEST(complaint("two words = 1\n").find("farm.properties:1:") == 0u);
    BOOST_TEST(complaint("\na = 1 \\").find("farm.properties:2: the file ends") == 0u);
    BOOST_TEST(complaint("a = \xff\n").find("not UTF-8") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_twice_is_refused_and_both_places_are_named_o1)
{
    const auto text = complaint("a.b = 1\nc = 2\na.b = 1\n");
    BOOST_TEST(text.find("farm.properties:3: the key 'a.b' was already set at farm.properties:1") == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_an_error)
{
    test::TempDir folder;
    BOOST_CHECK_THROW(app::readProperties(folder / "absent"), app::ConfigError);
    BOOST_CHECK_THROW(app::readProperties(folder.path()), app::ConfigError);
    std::ofstream(folder / "huge") << std::string(2 << 20, '#');
    BOOST_CHECK_THROW(app::readProperties(folder / "huge"), app::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()

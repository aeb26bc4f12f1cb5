// SPDX-License-Identifier: MIT
#include "api/page_views_text.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
namespace words = apbfarm::api::words;

BOOST_AUTO_TEST_SUITE(PageWords)

BOOST_AUTO_TEST_CASE(durations_have_two_units_at_most)
{
    using namespace std::chrono_literals;
    BOOST_TEST(words::duration(-5s) == "0 s");
    BOOST_TEST(words::duration(59s) == "59 s");
    BOOST_TEST(words::duration(65s) == "1 min 05 s");
    BOOST_TEST(words::duration(2h) == "2 h 00 min");
    BOOST_TEST(words::duration(51h) == "2 d 3 h");
}

BOOST_AUTO_TEST_CASE(sizes_have_binary_units)
{
    BOOST_TEST(words::size(0) == "0 B");
    BOOST_TEST(words::size(1023) == "1023 B");
    BOOST_TEST(words::size(1536) == "1.5 KiB");
    BOOST_TEST(words::size(std::int64_t(3) << 40) == "3.0 TiB");
    BOOST_TEST(words::size(std::int64_t(5000) << 40) == "5000.0 TiB");
}

BOOST_AUTO_TEST_CASE(W3_log_lines_lose_what_was_meant_for_a_terminal)
{
    BOOST_TEST(words::logLine("\x1b[1;31merror:\x1b[0m bad") == "error: bad");
    BOOST_TEST(words::logLine("\x1b]0;title\aafter") == "after");
    BOOST_TEST(words::logLine("\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\") == "link");
    BOOST_TEST(words::logLine("\x1b(Bplain") == "plain");
    BOOST_TEST(words::logLine(" 10%\r 50%\r100%\r") == "100%");
    BOOST_TEST(words::logLine("a\tb") == "a\tb");
    BOOST_TEST(words::logLine("bell\a") == "bell\\x07");
    for (const auto* cut : {"x\x1b", "x\x1b[", "x\x1b[31", "x\x1b]0;t", "x\x1b("})
        BOOST_TEST(words::logLine(cut) == "x");
}

BOOST_AUTO_TEST_CASE(file_names_become_one_segment_of_a_path)
{
    BOOST_TEST(words::pathSegment("hello-2:1.0-1.pkg") == "hello-2%3A1.0-1.pkg");
    BOOST_TEST(words::pathSegment("a/../b?c#d \xc3\xa9+") == "a%2F..%2Fb%3Fc%23d%20%C3%A9%2B");
}

BOOST_AUTO_TEST_CASE(a_server_that_failed_its_first_question_is_not_called_unasked)
{
    fleet::ServerView server;
    BOOST_TEST(words::of(server).word == "not asked yet");
    server.failures = 1;
    BOOST_TEST(words::of(server).word == "no answer");
    server.snapshot.health = ServerHealth::Degraded;
    BOOST_TEST(words::of(server).word == "degraded");
    server.failures = 0;
    server.snapshot.health = ServerHealth::Healthy;
    BOOST_TEST(words::of(server).word == "online");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "build_log.h"

#include "support/child_process.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::server;

namespace {

struct LogFixture {
    test::TempDir folder;
    std::filesystem::path file = folder / "build.log";

    /// Everything from `position` on; moves it to the end.
    static std::string drain(BuildLog& log, std::uint64_t& position)
    {
        std::string text;
        for (;;) {
            const auto block = log.at(position);
            if (!block.bytes)
                return text;
            text += *block.bytes;
            position = block.next;
            if (block.last)
                return text + "END";
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildLogFile)

BOOST_FIXTURE_TEST_CASE(lines_are_whole_whatever_the_pieces, LogFixture)
{
    BuildLog log(file);
    for (const char* piece : {"fir", "st\nsecond\r", "\n\nfour", "th"})
        log.write(piece);
    BOOST_TEST(log.lineCount() == 3u);
    log.line("ours");
    const std::vector<std::string> expected{"first", "second", "", "fourth", "ours"};
    BOOST_TEST(log.read(0, 100) == expected, boost::test_tools::per_element());
    BOOST_TEST(test::readFile(file) == "first\nsecond\n\nfourth\nours\n");
}

BOOST_FIXTURE_TEST_CASE(endless_lines_are_cut, LogFixture)
{
    BuildLog log(file);
    log.write(std::string(200000, 'x') + "\n");
    BOOST_TEST(log.lineCount() == 4u);
    std::size_t sum = 0;
    for (const auto& line : log.read(0, 10)) {
        BOOST_TEST(line.size() <= 65536u);
        sum += line.size();
    }
    BOOST_TEST(sum == 200000u);
}

BOOST_FIXTURE_TEST_CASE(any_line_is_found_in_a_long_log, LogFixture)
{
    {
        BuildLog log(file);
        for (int i = 0; i < 1000; ++i)
            log.line("line " + std::to_string(i));
    }
    const BuildLog log(file);   // opened again, as after a restart
    BOOST_TEST(log.lineCount() == 1000u);
    for (int i : {0, 1, 127, 128, 129, 255, 256, 999})
        BOOST_TEST(log.read(i, 1).at(0) == "line " + std::to_string(i));
    BOOST_TEST(log.read(990, 50).size() == 10u);
    BOOST_TEST(log.read(1000, 50).empty());
}

BOOST_FIXTURE_TEST_CASE(a_line_that_a_crash_cut_short_is_ended, LogFixture)
{
    std::ofstream(file) << "whole\nha";
    BuildLog log(file);
    log.line("interrupted");
    BOOST_TEST(test::readFile(file) == "whole\nha\ninterrupted\n");
}

BOOST_FIXTURE_TEST_CASE(a_stream_is_lines_then_status_then_the_end, LogFixture)
{
    BuildLog log(file);
    int woken = 0;
    const auto handle = log.subscribe([&] { ++woken; });
    std::uint64_t position = 0;
    log.line("one");
    BOOST_TEST(drain(log, position) == "event: output\ndata: one\n\nevent: status\ndata: {\"status\": \"building\"}\n\n");
    log.line("two\rparts");
    BOOST_TEST(drain(log, position) == "event: output\ndata: two parts\n\n");
    BOOST_TEST(drain(log, position).empty());
    log.heartbeat();
    BOOST_TEST(drain(log, position).starts_with("event: heartbeat\ndata: 1"));
    BOOST_TEST(drain(log, position).empty());
    log.finish({BuildStatus::Failed, -15});
    BOOST_TEST(drain(log, position) == "event: complete\ndata: {\"status\": \"failed\", \"exit_code\": -15}\n\nEND");
    BOOST_TEST(woken == 4);
}

BOOST_FIXTURE_TEST_CASE(who_left_is_not_woken, LogFixture)
{
    BuildLog log(file);
    int woken = 0;
    auto handle = log.subscribe([&] { ++woken; });
    handle.reset();
    log.line("text");
    BOOST_TEST(woken == 0);
}

BOOST_AUTO_TEST_SUITE_END()

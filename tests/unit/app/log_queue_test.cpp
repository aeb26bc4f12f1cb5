// SPDX-License-Identifier: MIT
#include "app/log_queue.h"

#include <Poco/AutoPtr.h>
#include <Poco/Message.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

/// A reader that need not read.
struct Output {
    ~Output()
    {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    void write(const std::string& text) { queue->log(Poco::Message("test", text, Poco::Message::PRIO_INFORMATION)); }
    /// Everything up to and with `last`.
    std::string readUntil(const std::string& last)
    {
        std::string text;
        char buffer[4096];
        while (text.find(last) == text.npos) {
            const auto got = ::read(ends[0], buffer, sizeof buffer);
            BOOST_TEST_REQUIRE(got > 0);
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }

    static std::array<int, 2> smallPipe()
    {
        std::array<int, 2> ends{};
        BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
        return ends;
    }

    std::array<int, 2> ends = smallPipe();
    Poco::AutoPtr<app::LogQueue> queue{new app::LogQueue(
        ends[1], [](std::uint64_t count) { return "dropped " + std::to_string(count) + "."; }, 64 << 10)};
};

} // namespace

BOOST_AUTO_TEST_SUITE(LogQueue)

BOOST_FIXTURE_TEST_CASE(lines_that_are_read_are_there_at_once_I3, Output)
{
    for (int i = 0; i < 1000; ++i) {
        write("line " + std::to_string(i));
        BOOST_TEST(readUntil("\n") == "line " + std::to_string(i) + "\n");
    }
}

BOOST_FIXTURE_TEST_CASE(nobody_waits_for_a_reader_and_what_is_dropped_is_counted_I3, Output)
{
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 20000; ++i)
        write("line " + std::to_string(i) + " " + std::string(90, 'x'));
    BOOST_TEST(((std::chrono::steady_clock::now() - begin) < 5s));
    const auto text = readUntil(".\n");
    const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) - 1;
    const auto report = "dropped " + std::to_string(20000 - lines) + ".\n";
    BOOST_TEST(text.ends_with(report), text.substr(text.size() - 40));
    BOOST_TEST(lines > 600u);
    std::uint64_t expected = 0;
    for (std::size_t at = 0; at + report.size() < text.size(); at = text.find('\n', at) + 1)
        BOOST_TEST_REQUIRE(text.substr(at).starts_with("line " + std::to_string(expected++) + " "));
    write("and on");
    BOOST_TEST(readUntil("\n") == "and on\n");
}

BOOST_FIXTURE_TEST_CASE(a_reader_that_went_away_stops_nobody_I3, Output)
{
    ::signal(SIGPIPE, SIG_IGN);
    ::close(ends[0]);
    for (int i = 0; i < 1000; ++i)
        write(std::string(1000, 'x'));
    ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

BOOST_AUTO_TEST_SUITE_END()

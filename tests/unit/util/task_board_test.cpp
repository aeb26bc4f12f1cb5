// SPDX-License-Identifier: MIT
#include "util/task_board.h"

#include "support/manual_clock.h"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct BoardFixture {
    test::ManualClock clock;
    util::TaskBoard board{clock};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(TaskBoard, BoardFixture)

BOOST_AUTO_TEST_CASE(a_run_is_counted_and_timed_and_its_pause_says_when_the_next_comes)
{
    const auto begin = clock.wall();
    const auto step = board.watched("queue", "Finds servers", [this]() -> std::optional<std::chrono::milliseconds> {
        BOOST_TEST(board.list().front().running == 1);
        clock.advance(250ms);
        return 5s;
    });
    BOOST_TEST(board.list().front().runs == 0u);
    BOOST_TEST((step() == 5s));
    const auto report = board.list().front();
    BOOST_TEST(report.name == "queue");
    BOOST_TEST(report.runs == 1u);
    BOOST_TEST(report.failures == 0u);
    BOOST_TEST(report.running == 0);
    BOOST_TEST((report.lastDuration == 250ms));
    BOOST_TEST((report.lastStart == begin));
    BOOST_TEST((report.lastEnd == begin + 250ms));
    BOOST_TEST((report.nextRun == begin + 250ms + 5s));
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_on_one_line_and_passes_on)
{
    auto& task = board.task("backup", "Copies the database");
    BOOST_CHECK_THROW(task.run([] { throw std::runtime_error("no room\nat all"); }), std::runtime_error);
    const auto report = task.report();
    BOOST_TEST(report.runs == 1u);
    BOOST_TEST(report.failures == 1u);
    BOOST_TEST(report.lastFailure.find('\n') == std::string::npos);
    BOOST_TEST(report.lastFailure.starts_with("no room"));
    BOOST_TEST(report.lastFailureAt.has_value());
    BOOST_TEST(!report.nextRun.has_value());
}

BOOST_AUTO_TEST_CASE(threads_that_name_the_same_task_share_it)
{
    auto& one = board.task("status", "Follows builds");
    auto& two = board.task("status", "Follows builds");
    one.run([&] { two.run([&] { BOOST_TEST(board.list().front().running == 2); }); });
    BOOST_TEST(board.list().size() == 1u);
    BOOST_TEST(one.report().runs == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

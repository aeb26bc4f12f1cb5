// SPDX-License-Identifier: MIT
#include "files/log_stream.h"

#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::files;

namespace {

const BuildId kBuild = "8ea809df-2219-420c-945b-40d89d2a87a7";

using Lines = std::vector<std::string>;

struct Fixture {
    test::TempDir folder;
    LogStore logs{folder / "logs"};
    LogStreamHub hub{logs};

    void append(const Lines& lines)
    {
        logs.append(kBuild, logs.lineCount(kBuild), lines);
        hub.appended(kBuild);
    }
    /// All that a viewer gets who begins at `position`.
    std::string rest(std::uint64_t position)
    {
        const auto stream = hub.stream(kBuild);
        std::string text;
        for (auto block = stream->at(position); block.bytes; block = stream->at(block.next)) {
            text += *block.bytes;
            if (block.last)
                break;
        }
        return text;
    }
};

std::string output(std::uint64_t id, const std::string& line)
{
    return "id: " + std::to_string(id) + "\nevent: output\ndata: " + line + "\n\n";
}

const std::string kCompleted = "event: complete\ndata: {\"status\": \"completed\", \"exit_code\": 0}\n\n";

} // namespace

BOOST_AUTO_TEST_SUITE(LogStream)

BOOST_FIXTURE_TEST_CASE(each_line_is_an_event_with_the_place_behind_it_as_id, Fixture)
{
    append({"one", "", "three"});
    BOOST_TEST(rest(0) == output(1, "one") + output(2, "") + output(3, "three"));
    BOOST_TEST(rest(2) == output(3, "three"));
}

BOOST_FIXTURE_TEST_CASE(at_the_live_end_there_is_nothing_yet, Fixture)
{
    const auto stream = hub.stream(kBuild);
    auto block = stream->at(0);
    BOOST_TEST(!block.bytes);
    BOOST_TEST(block.next == 0u);
    BOOST_TEST(!block.last);
    append({"a"});
    block = stream->at(0);
    BOOST_TEST(*block.bytes == output(1, "a"));
    BOOST_TEST(block.next == 1u);
    BOOST_TEST(!stream->at(1).bytes);
}

BOOST_FIXTURE_TEST_CASE(the_end_comes_after_the_last_line_and_again_for_who_comes_back, Fixture)
{
    append({"a"});
    const auto stream = hub.stream(kBuild);
    hub.ended(kBuild, "completed", 0);
    BOOST_TEST(!stream->at(0).last);
    const auto end = stream->at(1);
    BOOST_TEST(*end.bytes == kCompleted);
    BOOST_TEST(end.last);
    BOOST_TEST(stream->at(1).last);
    BOOST_TEST(stream->at(999).last);
    BOOST_TEST(rest(0) == output(1, "a") + kCompleted);
}

BOOST_FIXTURE_TEST_CASE(what_is_said_first_about_the_end_counts, Fixture)
{
    const auto stream = hub.stream(kBuild);
    hub.ended(kBuild, "failed", 4);
    hub.ended(kBuild, "completed", 0);
    BOOST_TEST(*stream->at(0).bytes == "event: complete\ndata: {\"status\": \"failed\", \"exit_code\": 4}\n\n");
}

BOOST_FIXTURE_TEST_CASE(a_build_without_an_exit_code_ends_as_well, Fixture)
{
    hub.ended(kBuild, "cancelled", std::nullopt);
    BOOST_TEST(rest(0) == "event: complete\ndata: {\"status\": \"cancelled\", \"exit_code\": null}\n\n");
}

BOOST_FIXTURE_TEST_CASE(a_viewer_who_comes_after_the_end_is_told_so, Fixture)
{
    append({"a"});
    hub.ended(kBuild, "completed", 0);
    BOOST_TEST(rest(0) == output(1, "a") + kCompleted);
}

BOOST_FIXTURE_TEST_CASE(a_finished_log_is_streamed_from_disk_after_a_restart_D8, Fixture)
{
    append({"a", "b"});
    logs.seal(kBuild);
    LogStore restartedLogs(folder / "logs");
    LogStreamHub restarted(restartedLogs);
    restarted.ended(kBuild, "completed", 0);
    const auto stream = restarted.stream(kBuild);
    BOOST_TEST(*stream->at(1).bytes == output(2, "b"));
    BOOST_TEST(*stream->at(2).bytes == kCompleted);
}

BOOST_FIXTURE_TEST_CASE(lines_cannot_break_out_of_their_event, Fixture)
{
    append({"a\r", "10%\r20%\r30%", "\r\r", "x\rdata: forged\r\r", "bad \xff byte", "<script>"});
    BOOST_TEST(rest(0)
               == output(1, "a") + output(2, "30%") + output(3, "") + output(4, "data: forged")
                      + output(5, "bad \xef\xbf\xbd byte") + output(6, "<script>"));
}

BOOST_FIXTURE_TEST_CASE(a_long_log_comes_in_blocks_that_join_without_gap_or_repeat_D8, Fixture)
{
    Lines lines;
    std::string wanted;
    for (int i = 0; i < 3000; ++i) {
        lines.push_back(std::string(100, static_cast<char>('a' + i % 26)));
        wanted += output(static_cast<std::uint64_t>(i) + 1, lines.back());
    }
    append(lines);
    const auto stream = hub.stream(kBuild);
    BOOST_TEST(stream->at(0).bytes->size() < 200u * 1024);
    BOOST_TEST(stream->at(0).bytes->size() >= 64u * 1024);
    BOOST_TEST((rest(0) == wanted));
}

BOOST_FIXTURE_TEST_CASE(viewers_at_the_same_place_share_one_block, Fixture)
{
    append({"a", "b"});
    const auto stream = hub.stream(kBuild);
    const auto first = stream->at(0);
    append({"c"});
    const auto second = stream->at(0);
    BOOST_TEST(first.bytes.get() == second.bytes.get());
    BOOST_TEST(second.next == 2u);
    BOOST_TEST(*stream->at(2).bytes == output(3, "c"));
    BOOST_TEST(hub.stream(kBuild).get() == stream.get());
}

BOOST_FIXTURE_TEST_CASE(few_blocks_are_kept, Fixture)
{
    const auto stream = hub.stream(kBuild);
    append({"first"});
    const std::weak_ptr<const std::string> first = stream->at(0).bytes;
    for (std::uint64_t i = 1; i <= 64; ++i) {
        BOOST_TEST(!first.expired());
        append({"more"});
        stream->at(i);
    }
    BOOST_TEST(first.expired());
    BOOST_TEST(stream->at(0).next == 65u);
}

BOOST_FIXTURE_TEST_CASE(subscribers_are_woken_until_they_leave, Fixture)
{
    int one = 0, two = 0;
    const auto stream = hub.stream(kBuild);
    auto first = stream->subscribe([&] { ++one; });
    const auto second = stream->subscribe([&] { ++two; });
    BOOST_TEST(static_cast<bool>(first));
    append({"a"});
    first.reset();
    append({"b"});
    hub.ended(kBuild, "completed", 0);
    BOOST_TEST(one == 1);
    BOOST_TEST(two == 3);
}

BOOST_FIXTURE_TEST_CASE(a_handle_may_outlive_its_stream_and_leave_while_it_is_woken, Fixture)
{
    auto stream = hub.stream(kBuild);
    std::shared_ptr<void> handle;
    handle = stream->subscribe([&] { handle.reset(); });
    append({"a"});
    BOOST_TEST(!handle);
    handle = stream->subscribe([] {});
    stream.reset();
    BOOST_TEST(static_cast<bool>(handle));
    handle.reset();
}

BOOST_FIXTURE_TEST_CASE(streams_that_nobody_holds_are_forgotten, Fixture)
{
    const std::weak_ptr<EventSource> gone = hub.stream(kBuild);
    BOOST_TEST(gone.expired());
    append({"a"});
    BOOST_TEST(rest(0) == output(1, "a"));
}

BOOST_FIXTURE_TEST_CASE(only_a_uuid_has_a_stream_F1, Fixture)
{
    BOOST_CHECK_THROW(hub.stream("../../x"), NotFound);
}

BOOST_FIXTURE_TEST_CASE(a_viewer_that_waits_for_wakes_gets_every_line_once_D8, Fixture)
{
    constexpr int kLines = 2000;
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
    const auto stream = hub.stream(kBuild);
    const auto handle = stream->subscribe([&] {
        std::lock_guard lock(mutex);
        woken = true;
        changed.notify_one();
    });
    std::string wanted;
    for (int i = 0; i < kLines; ++i)
        wanted += output(static_cast<std::uint64_t>(i) + 1, std::to_string(i));
    std::thread writer([&] {
        for (int i = 0; i < kLines; i += 4)
            append({std::to_string(i), std::to_string(i + 1), std::to_string(i + 2), std::to_string(i + 3)});
        hub.ended(kBuild, "completed", 0);
    });
    std::string text;
    for (std::uint64_t position = 0;;) {
        const auto block = stream->at(position);
        position = block.next;
        if (block.bytes)
            text += *block.bytes;
        if (block.last)
            break;
        if (!block.bytes) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return woken; });
            woken = false;
        }
    }
    writer.join();
    BOOST_TEST((text == wanted + kCompleted));
}

BOOST_AUTO_TEST_SUITE_END()

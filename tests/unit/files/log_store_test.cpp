// SPDX-License-Identifier: MIT
#include "files/log_store.h"

#include "support/temp_dir.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::files;

namespace {

const BuildId kBuild = "8ea809df-2219-420c-945b-40d89d2a87a7";
const BuildId kOther = "222cc953-ec01-4948-b464-592d20519e2e";

using Lines = std::vector<std::string>;

std::string contentOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Lines numbered(std::uint64_t first, std::size_t count)
{
    Lines lines;
    for (std::size_t i = 0; i < count; ++i)
        lines.push_back("line " + std::to_string(first + i));
    return lines;
}

struct Fixture {
    test::TempDir folder;
    LogStore logs{folder / "logs"};

    std::filesystem::path file() const { return logs.path(kBuild); }
    /// As a crash or an older farm would have left it.
    void leave(const std::string& content)
    {
        std::filesystem::create_directories(file().parent_path());
        std::ofstream(file(), std::ios::binary) << content;
    }
    Lines all() { return logs.read(kBuild, 0, 1000).lines; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(LogStore)

BOOST_FIXTURE_TEST_CASE(lines_come_back_as_they_were_stored, Fixture)
{
    BOOST_TEST(logs.append(kBuild, 0, Lines{"one", "", "t\xffwo\r", "three"}) == 4u);
    BOOST_TEST(all() == (Lines{"one", "", "t\xffwo\r", "three"}), boost::test_tools::per_element());
    BOOST_TEST(contentOf(file()) == "one\n\nt\xffwo\r\nthree\n");
}

BOOST_FIXTURE_TEST_CASE(a_build_without_a_log_has_no_lines_and_no_file, Fixture)
{
    BOOST_TEST(logs.lineCount(kBuild) == 0u);
    BOOST_TEST(logs.read(kBuild, 0, 10).lines.empty());
    BOOST_TEST(logs.tail(kBuild, 10).lines.empty());
    BOOST_TEST(!logs.isSealed(kBuild));
    BOOST_TEST(logs.append(kBuild, 0, Lines{}) == 0u);
    BOOST_TEST(!std::filesystem::exists(file()));
}

BOOST_FIXTURE_TEST_CASE(repeats_and_gaps_change_nothing_D8, Fixture)
{
    logs.append(kBuild, 0, Lines{"a", "b"});
    BOOST_TEST(logs.append(kBuild, 0, Lines{"a", "b"}) == 2u);
    BOOST_TEST(logs.append(kBuild, 1, Lines{"b", "c"}) == 2u);
    BOOST_TEST(logs.append(kBuild, 3, Lines{"d"}) == 2u);
    BOOST_TEST(logs.append(kBuild, 2, Lines{"c"}) == 3u);
    BOOST_TEST(all() == (Lines{"a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_half_line_left_by_a_crash_is_taken_off_D8, Fixture)
{
    leave("a\nb\nhal");
    BOOST_TEST(logs.lineCount(kBuild) == 2u);
    BOOST_TEST(contentOf(file()) == "a\nb\n");
    BOOST_TEST(logs.append(kBuild, 2, Lines{"half no more"}) == 3u);
    BOOST_TEST(contentOf(file()) == "a\nb\nhalf no more\n");
}

BOOST_FIXTURE_TEST_CASE(a_hole_left_by_a_power_cut_and_all_behind_it_is_taken_off_D8, Fixture)
{
    leave(std::string("a\nb\nc") + std::string(512, '\0') + "\nyounger\n");
    BOOST_TEST(logs.lineCount(kBuild) == 2u);
    BOOST_TEST(logs.append(kBuild, 2, Lines{std::string("c\0d", 3)}) == 3u);
    BOOST_TEST(contentOf(file()) == "a\nb\nc d\n");
}

BOOST_FIXTURE_TEST_CASE(a_log_of_nothing_but_half_a_line_begins_anew_D8, Fixture)
{
    leave(std::string(3'000'000, 'x'));
    BOOST_TEST(logs.append(kBuild, 0, Lines{"a"}) == 1u);
    BOOST_TEST(contentOf(file()) == "a\n");
}

BOOST_FIXTURE_TEST_CASE(a_restart_goes_on_where_the_file_ends_D8, Fixture)
{
    for (std::uint64_t first = 0; first < 1000; first += 100) {
        files::LogStore restarted(folder / "logs");
        BOOST_TEST(restarted.lineCount(kBuild) == first);
        restarted.append(kBuild, first, numbered(first, 100));
    }
    BOOST_TEST(all() == numbered(0, 1000), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(any_page_is_found, Fixture)
{
    const std::size_t count = 2000;
    logs.append(kBuild, 0, numbered(0, 700));
    logs.append(kBuild, 700, numbered(700, count - 700));
    files::LogStore restarted(folder / "logs");
    for (auto* store : {&logs, &restarted})
        for (const std::uint64_t start : {0u, 1u, 255u, 256u, 257u, 511u, 512u, 1999u}) {
            const auto page = store->read(kBuild, start, 3);
            BOOST_TEST(page.total == count);
            BOOST_TEST(page.lines == numbered(start, std::min<std::size_t>(3, count - start)),
                       boost::test_tools::per_element());
        }
    BOOST_TEST(logs.read(kBuild, count, 10).lines.empty());
    BOOST_TEST(logs.read(kBuild, UINT64_MAX, 10).lines.empty());
    BOOST_TEST(logs.read(kBuild, 0, 0).lines.empty());
    BOOST_TEST(logs.tail(kBuild, 2).lines == numbered(count - 2, 2), boost::test_tools::per_element());
    BOOST_TEST(logs.tail(kBuild, 5000).lines.size() == count);
}

BOOST_FIXTURE_TEST_CASE(a_page_has_a_limit_in_bytes_but_at_least_one_line, Fixture)
{
    logs.append(kBuild, 0, Lines{std::string(5000, 'a'), std::string(5000, 'b'), "c"});
    const auto log = logs.file(kBuild);
    BOOST_TEST(log->read(0, 10, 100).lines.size() == 1u);
    BOOST_TEST(log->read(0, 10, 6000).lines.size() == 2u);
    BOOST_TEST(log->read(0, 10, 20'000).lines.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(newlines_inside_a_line_do_not_make_two_of_it_D8, Fixture)
{
    BOOST_TEST(logs.append(kBuild, 0, Lines{"a\nb\n", "c"}) == 2u);
    BOOST_TEST(all() == (Lines{"a b ", "c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(long_lines_are_cut_with_a_mark_V2, Fixture)
{
    logs.append(kBuild, 0, Lines{std::string(65536, 'a'), std::string(65537, 'b'), std::string(10 << 20, 'c')});
    const auto lines = all();
    BOOST_TEST(lines[0] == std::string(65536, 'a'));
    BOOST_TEST((lines[1] == std::string(65536, 'b') + " [line cut by the farm]"));
    BOOST_TEST(lines[2].size() == lines[1].size());
}

BOOST_FIXTURE_TEST_CASE(a_log_ends_with_a_mark_at_its_size_limit_V2, Fixture)
{
    files::LogStore small(folder / "small", {.lineBytes = 100, .totalBytes = 50});
    BOOST_TEST(small.append(kBuild, 0, Lines{"ten bytes", "ten bytes"}) == 2u);
    BOOST_TEST(!small.isFull(kBuild));
    const auto stored = small.append(kBuild, 2, Lines(100, "ten bytes"));
    BOOST_TEST(stored == 6u);
    BOOST_TEST(small.isFull(kBuild));
    BOOST_TEST(small.append(kBuild, stored, Lines{"more"}) == stored);
    BOOST_TEST(small.tail(kBuild, 1).lines[0].starts_with("[log cut by the farm"));
    files::LogStore restarted(folder / "small", {.lineBytes = 100, .totalBytes = 50});
    BOOST_TEST(restarted.isFull(kBuild));
}

BOOST_FIXTURE_TEST_CASE(a_sealed_log_takes_no_more_lines_even_after_a_restart_D7, Fixture)
{
    logs.append(kBuild, 0, Lines{"a"});
    logs.seal(kBuild);
    logs.seal(kBuild);
    files::LogStore restarted(folder / "logs");
    for (auto* store : {&logs, &restarted}) {
        BOOST_TEST(store->isSealed(kBuild));
        BOOST_TEST(store->append(kBuild, 1, Lines{"b"}) == 1u);
    }
    BOOST_TEST(contentOf(file()) == "a\n");
    struct stat info {};
    BOOST_REQUIRE(::stat(file().c_str(), &info) == 0);
    BOOST_TEST((info.st_mode & 0777) == 0400u);
}

BOOST_FIXTURE_TEST_CASE(sealing_a_build_without_a_log_makes_no_file, Fixture)
{
    logs.seal(kBuild);
    BOOST_TEST(logs.append(kBuild, 0, Lines{"late"}) == 0u);
    BOOST_TEST(!std::filesystem::exists(file()));
}

BOOST_FIXTURE_TEST_CASE(only_a_uuid_becomes_a_path_F1, Fixture)
{
    for (const std::string id : {"", "..", "../../etc/passwd", "8EA809DF-2219-420C-945B-40D89D2A87A7",
                                 "8ea809df-2219-420c-945b-40d89d2a87a7/x", "8ea809df-2219-420c-945b-40d89d2a87a"}) {
        BOOST_CHECK_THROW(logs.path(id), NotFound);
        BOOST_CHECK_THROW(logs.append(id, 0, Lines{"x"}), NotFound);
        BOOST_CHECK_THROW(logs.read(id, 0, 1), NotFound);
    }
    BOOST_TEST(file() == folder / "logs" / "8e" / (kBuild + ".log"));
}

BOOST_FIXTURE_TEST_CASE(links_and_folders_are_not_taken_for_logs_F1, Fixture)
{
    std::ofstream(folder / "secret") << "secret\n";
    std::filesystem::create_directories(file().parent_path());
    std::filesystem::create_symlink(folder / "secret", file());
    BOOST_CHECK_THROW(logs.lineCount(kBuild), Unavailable);
    std::filesystem::create_directories(logs.path(kOther));
    BOOST_CHECK_THROW(logs.append(kOther, 0, Lines{"x"}), Unavailable);
}

BOOST_FIXTURE_TEST_CASE(files_and_folders_are_private_X8, Fixture)
{
    logs.append(kBuild, 0, Lines{"a"});
    for (const auto& [path, mode] :
         {std::pair{folder / "logs", 0700u}, std::pair{file().parent_path(), 0700u}, std::pair{file(), 0600u}}) {
        struct stat info {};
        BOOST_REQUIRE(::stat(path.c_str(), &info) == 0);
        BOOST_TEST((info.st_mode & 0777) == mode, path);
    }
}

BOOST_FIXTURE_TEST_CASE(a_removed_log_begins_anew, Fixture)
{
    logs.append(kBuild, 0, Lines{"a"});
    logs.remove(kBuild);
    logs.remove(kBuild);
    BOOST_TEST(logs.lineCount(kBuild) == 0u);
    BOOST_TEST(logs.append(kBuild, 0, Lines{"b"}) == 1u);
}

BOOST_FIXTURE_TEST_CASE(few_logs_are_kept_open_and_those_in_use_are_not_closed, Fixture)
{
    files::LogStore few(folder / "few", {}, 4);
    std::vector<BuildId> builds;
    for (int i = 0; i < 20; ++i)
        builds.push_back(util::randomUuid());
    const auto held = few.file(builds[0]);
    for (int round = 0; round < 5; ++round)
        for (const auto& build : builds)
            BOOST_TEST(few.append(build, static_cast<std::uint64_t>(round), Lines{std::to_string(round)})
                       == static_cast<std::uint64_t>(round) + 1);
    BOOST_TEST(held.get() == few.file(builds[0]).get());
    BOOST_TEST(held->lineCount() == 5u);
    std::size_t open = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        open += std::filesystem::read_symlink(entry.path(), gone).string().starts_with((folder / "few").string());
    }
    BOOST_TEST(open <= 6u);
}

BOOST_FIXTURE_TEST_CASE(a_write_that_fails_leaves_whole_lines_and_works_again_later_D10, Fixture)
{
    logs.append(kBuild, 0, Lines{"before"});
    // A file size limit is the full disk that a test can have.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit tight{1000, old.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    BOOST_CHECK_THROW(logs.append(kBuild, 1, Lines(100, std::string(99, 'x'))), Unavailable);
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    BOOST_TEST(contentOf(file()) == "before\n");
    BOOST_TEST(logs.append(kBuild, 1, Lines{"after"}) == 2u);
    BOOST_TEST(contentOf(file()) == "before\nafter\n");
}

BOOST_FIXTURE_TEST_CASE(readers_see_a_prefix_while_a_writer_writes_D7, Fixture)
{
    constexpr std::uint64_t kLines = 5000;
    std::atomic<bool> done = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            for (std::uint64_t at = 0; at < kLines && !wrong;) {
                const bool complete = done;
                const auto page = logs.read(kBuild, at, 400);
                wrong += page.lines != numbered(at, page.lines.size());
                at += page.lines.size();
                if (page.lines.empty())
                    std::this_thread::yield();
                wrong += complete && page.total != kLines;
            }
        });
    for (std::uint64_t at = 0; at < kLines; at += 50)
        logs.append(kBuild, at, numbered(at, 50));
    done = true;
    for (auto& reader : readers)
        reader.join();
    BOOST_TEST(wrong == 0);
}

BOOST_FIXTURE_TEST_CASE(two_writers_store_each_line_once_D8, Fixture)
{
    constexpr std::uint64_t kLines = 2000;
    const auto write = [&] {
        for (std::uint64_t at = 0; at < kLines;)
            at = logs.append(kBuild, at, numbered(at, std::min<std::uint64_t>(7, kLines - at)));
    };
    std::thread other(write);
    write();
    other.join();
    BOOST_TEST(logs.lineCount(kBuild) == kLines);
    BOOST_TEST(logs.read(kBuild, 0, kLines).lines == numbered(0, kLines), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

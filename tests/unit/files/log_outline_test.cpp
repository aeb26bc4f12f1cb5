// SPDX-License-Identifier: MIT
#include "files/compressed_logs.h"
#include "files/log_outline.h"
#include "util/secrets.h"

#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <Poco/InflatingStream.h>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

using namespace apbfarm;
using files::LogOutline;

namespace {

struct OneLog {
    void write(const std::vector<std::string>& lines) { logs.append(id, logs.lineCount(id), lines); }

    test::TempDir folder;
    files::LogStore logs{folder / "logs"};
    const BuildId id = util::randomUuid();
};

} // namespace

BOOST_AUTO_TEST_SUITE(LogOutlines)

BOOST_FIXTURE_TEST_CASE(phases_are_the_lines_with_makepkgs_arrow_whatever_their_colour, OneLog)
{
    write({"before", "\x1b[1m\x1b[32m==>\x1b[0m Making package: hello", "  -> not this", "==> Starting build()..."});
    const auto outline = files::LogOutlines(logs).of(id);
    BOOST_TEST_REQUIRE(outline.phases.size() == 2u);
    BOOST_TEST(outline.phases[0].line == 1u);
    BOOST_TEST(outline.phases[0].title == "Making package: hello");
    BOOST_TEST(outline.phases[1].line == 3u);
    BOOST_TEST(outline.lines == 4u);
}

BOOST_FIXTURE_TEST_CASE(the_first_error_and_the_place_where_makepkg_gave_up_are_found, OneLog)
{
    write({"cc -Werror x.c", "x.c:1: warning: y", "x.c:2: error: z", "make: *** [x.o] Error 1", "==> ERROR: A failure",
           "==> ERROR: again"});
    const auto outline = files::LogOutlines(logs).of(id);
    BOOST_TEST(outline.firstError.value() == 2u);
    BOOST_TEST(outline.failure.value() == 4u);
}

BOOST_FIXTURE_TEST_CASE(an_outline_is_carried_on_as_the_log_grows, OneLog)
{
    files::LogOutlines outlines(logs);
    write({"==> one"});
    BOOST_TEST(outlines.of(id).phases.size() == 1u);
    write({"==> two", "fatal: three"});
    const auto outline = outlines.of(id);
    BOOST_TEST(outline.phases.size() == 2u);
    BOOST_TEST(outline.firstError.value() == 2u);
    BOOST_TEST(files::LogOutlines(logs).of(util::randomUuid()).lines == 0u);
}

BOOST_FIXTURE_TEST_CASE(titles_are_one_printable_line, OneLog)
{
    write({"==> a\x07 b\u202e" + std::string(500, 'x')});
    const auto title = files::LogOutlines(logs).of(id).phases.at(0).title;
    BOOST_TEST(title.size() < 200u);
    BOOST_TEST(title.find('\x07') == title.npos);
}

BOOST_FIXTURE_TEST_CASE(a_search_finds_lines_without_regard_to_case_and_goes_on_where_it_stopped, OneLog)
{
    std::vector<std::string> lines(1200, "a Needle here");
    lines.push_back("hay");
    write(lines);
    const auto first = files::findInLog(logs, id, "nEEDLE", 0);
    BOOST_TEST(first.lines.size() == 500u);
    BOOST_TEST(first.next == 500u);
    const auto last = files::findInLog(logs, id, "needle", 1000);
    BOOST_TEST(last.lines.size() == 200u);
    BOOST_TEST(last.lines.front() == 1000u);
    BOOST_TEST(last.next == 1201u);
    BOOST_TEST(last.total == 1201u);
    BOOST_TEST(files::findInLog(logs, id, "needles", 0).lines.empty());
}

BOOST_FIXTURE_TEST_CASE(a_compressed_log_unpacks_to_the_log, OneLog)
{
    files::CompressedLogs compressed(logs, folder / "gz");
    BOOST_CHECK_THROW(compressed.fileOf(id), NotFound);
    write({"one", "", "three"});
    std::ifstream in(compressed.fileOf(id), std::ios::binary);
    Poco::InflatingInputStream unpacked(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    BOOST_TEST(std::string(std::istreambuf_iterator<char>(unpacked), {}) == "one\n\nthree\n");
    const auto before = compressed.fileOf(id);
    write({"four"});
    BOOST_TEST(compressed.fileOf(id) != before);
}

BOOST_AUTO_TEST_SUITE_END()

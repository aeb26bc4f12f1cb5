// SPDX-License-Identifier: MIT
#include "server_fixture.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

std::string gatedBuild(int lines)
{
    return pkgbuild("streamed", "build() {\n  echo first\n  sleep 1\n  seq -f 'a line of some length, number %06.0f' "
                                    + std::to_string(lines) + "\n}\n" + kEmptyPackage);
}

struct Seen {
    std::string lines;
    std::vector<std::string> others;   ///< "type data"
};

Seen readAll(EventStreamClient& stream)
{
    Seen seen;
    while (const auto event = stream.next()) {
        if (event->type == "output")
            seen.lines += event->data + "\n";
        else if (event->type != "heartbeat")
            seen.others.push_back(event->type + " " + event->data);
    }
    return seen;
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerStream)

BOOST_FIXTURE_TEST_CASE(a_viewer_gets_every_line_once_and_the_end, ServerFixture)
{
    start();
    const auto id = build(gatedBuild(5000));
    BOOST_TEST_REQUIRE(waitForLine(id, "first"));
    EventStreamClient stream(http(), "/build/" + id + "/stream");
    BOOST_TEST(stream.head().header("Content-Type").starts_with("text/event-stream"));
    const auto seen = readAll(stream);
    BOOST_TEST((seen.lines == log(id)));
    const std::vector<std::string> expected{R"(status {"status": "building"})",
                                            R"(complete {"status": "completed", "exit_code": 0})"};
    BOOST_TEST(seen.others == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_late_viewer_gets_the_same_and_the_end_at_once, ServerFixture)
{
    start();
    const auto id = build(gatedBuild(300));
    waitForEnd(id);
    program().terminate();
    start();   // also after a restart
    EventStreamClient stream(http(), "/build/" + id + "/stream", {}, std::chrono::seconds(10));
    const auto seen = readAll(stream);
    BOOST_TEST((seen.lines == log(id)));
    BOOST_TEST_REQUIRE(seen.others.size() == 2u);
    BOOST_TEST(seen.others[1] == R"(complete {"status": "completed", "exit_code": 0})");
    BOOST_TEST(http().get("/build/" + util::randomUuid() + "/stream").status == 404);
}

BOOST_FIXTURE_TEST_CASE(fifty_viewers_that_never_read_delay_nobody, ServerFixture)
{
    start();
    const auto id = build(gatedBuild(100000));   // 4 MiB: more than any socket buffer takes
    BOOST_TEST_REQUIRE(waitForLine(id, "first"));
    std::vector<std::unique_ptr<TcpConnection>> sleepers;
    for (int i = 0; i < 50; ++i) {
        sleepers.push_back(std::make_unique<TcpConnection>(http().port()));
        sleepers.back()->write(http().requestHead("GET", "/build/" + id + "/stream") + "\r\n");
    }
    const HttpClient impatient(http().port(), std::chrono::seconds(10));
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(impatient.get("/").status == 200);
    BOOST_TEST(statusOf(waitForEnd(id)) == "completed");
    EventStreamClient awake(http(), "/build/" + id + "/stream");
    BOOST_TEST((readAll(awake).lines == log(id)));
}

BOOST_FIXTURE_TEST_CASE(viewers_of_a_cancelled_build_are_told, ServerFixture)
{
    start();
    const auto id = build(pkgbuild("told", "build() { echo waiting; sleep 600; }\n" + kEmptyPackage));
    BOOST_TEST_REQUIRE(waitForLine(id, "waiting"));
    EventStreamClient stream(http(), "/build/" + id + "/stream");
    BOOST_TEST(cancel(id));
    const auto seen = readAll(stream);
    BOOST_TEST_REQUIRE(!seen.others.empty());
    BOOST_TEST(seen.others.back() == R"(complete {"status": "cancelled"})");
}

BOOST_AUTO_TEST_SUITE_END()

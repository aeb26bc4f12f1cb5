// SPDX-License-Identifier: MIT
#include "server_fixture.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

/// A sleep that no other test and no other program asks for.
std::string uniqueNap()
{
    static int count = 0;
    return std::to_string(860'000'000 + ::getpid()) + std::to_string(++count) + ".25";
}

/// Sleeps in the foreground, in the background and in a session of its own.
std::string sleepyBuild(const std::string& nap)
{
    return pkgbuild("sleepy", "build() {\n  setsid sleep " + nap + " &\n  (nohup sleep " + nap
                                  + " >/dev/null 2>&1 &)\n  echo asleep\n  sleep " + nap + "\n}\n" + kEmptyPackage);
}

bool vanishes(const std::string& nap)
{
    return eventually([&] { return processesWith(nap) == 0; }, std::chrono::seconds(20));
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerStops)

static void checkCancel(ServerFixture& server)
{
    const auto nap = uniqueNap();
    const auto id = server.build(sleepyBuild(nap));
    BOOST_TEST_REQUIRE(server.waitForLine(id, "asleep"));
    BOOST_TEST(eventually([&] { return processesWith("sleep" + std::string(1, '\0') + nap) >= 3; }));

    BOOST_TEST(server.cancel(id));
    BOOST_TEST(statusOf(server.status(id)) == "cancelled");
    BOOST_TEST(vanishes(nap));
    BOOST_TEST(eventually([&] { return server.slotsInUse() == 0; }));
    BOOST_TEST(server.log(id).ends_with("Build cancelled\nBuild " + id + " finished\n"));
    BOOST_TEST(statusOf(server.status(id)) == "cancelled");
    BOOST_TEST(server.packagesOf(server.status(id)).empty());
    BOOST_TEST(!server.cancel(id));
}

BOOST_FIXTURE_TEST_CASE(cancel_kills_the_whole_tree_and_stays, ServerFixture)
{
    start();
    checkCancel(*this);
}

BOOST_FIXTURE_TEST_CASE(cancel_kills_the_whole_tree_without_a_sandbox_too, ServerFixture)
{
    start({"--builder", "plain"});
    checkCancel(*this);
}

BOOST_FIXTURE_TEST_CASE(what_a_finished_build_left_running_is_killed, ServerFixture)
{
    start({"--builder", "plain"});
    const auto nap = uniqueNap();
    const auto id = build(pkgbuild("leaver", "build() { setsid sleep " + nap + " >/dev/null 2>&1 & }\n" + kEmptyPackage));
    BOOST_TEST(statusOf(waitForEnd(id)) == "completed", log(id));
    BOOST_TEST(vanishes(nap));
}

BOOST_FIXTURE_TEST_CASE(a_build_over_its_time_is_failed_and_gone, ServerFixture)
{
    start();
    const auto nap = uniqueNap();
    const auto id = build(sleepyBuild(nap), {{"build_timeout", "3"}});
    const auto ended = waitForEnd(id);
    BOOST_TEST(statusOf(ended) == "failed");
    BOOST_TEST(ended->getValue<int>("exit_code") < 0);
    BOOST_TEST(ended->getValue<double>("duration") >= 3);
    BOOST_TEST(log(id).find("Build timed out after 3 seconds\n") != std::string::npos);
    BOOST_TEST(vanishes(nap));
}

BOOST_FIXTURE_TEST_CASE(a_silent_build_is_failed_and_gone, ServerFixture)
{
    start({"--output-timeout", "2"});
    const auto nap = uniqueNap();
    const auto id = build(sleepyBuild(nap));
    BOOST_TEST(statusOf(waitForEnd(id)) == "failed");
    BOOST_TEST(log(id).find("no output for 2 seconds\n") != std::string::npos);
    BOOST_TEST(vanishes(nap));
}

BOOST_FIXTURE_TEST_CASE(a_pkgbuild_may_ask_for_more_silence, ServerFixture)
{
    start({"--output-timeout", "1"});
    const auto id = build(pkgbuild("patient", "apb_output_timeout=60\nbuild() { sleep 3; }\n" + kEmptyPackage));
    BOOST_TEST(statusOf(waitForEnd(id)) == "completed", log(id));
}

BOOST_FIXTURE_TEST_CASE(a_killed_server_remembers_everything, ServerFixture)
{
    start({"--max-concurrent", "1"});
    const auto done = build(pkgbuild("done", kEmptyPackage));
    BOOST_TEST_REQUIRE(statusOf(waitForEnd(done)) == "completed");
    const auto nap = uniqueNap();
    const auto running = build(sleepyBuild(nap));
    BOOST_TEST_REQUIRE(waitForLine(running, "asleep"));
    const auto waiting = build(pkgbuild("waiting", kEmptyPackage));
    const auto record = http().get("/build/" + done + "/status-api").body;

    program().kill();
    BOOST_TEST(vanishes(nap));   // nothing of a build outlives its server
    start({"--max-concurrent", "1"});

    BOOST_TEST(http().get("/build/" + done + "/status-api").body == record);
    const auto packages = packagesOf(status(done));
    BOOST_TEST_REQUIRE(packages.size() == 1u);
    BOOST_TEST(http().get("/build/" + done + "/download/" + packages[0]).status == 200);
    const auto interrupted = status(running);
    BOOST_TEST(statusOf(interrupted) == "failed");
    BOOST_TEST(interrupted->has("end_time"));
    BOOST_TEST(log(running).find("Build interrupted") != std::string::npos);
    BOOST_TEST(statusOf(waitForEnd(waiting)) == "completed");
    BOOST_TEST(submit(done, makeTar({{"PKGBUILD", pkgbuild("done", kEmptyPackage)}})).status == 400);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_server_fails_what_runs_and_exits_cleanly, ServerFixture)
{
    start();
    const auto nap = uniqueNap();
    const auto id = build(sleepyBuild(nap));
    BOOST_TEST_REQUIRE(waitForLine(id, "asleep"));
    BOOST_TEST(program().terminate() == 0, program().output());
    BOOST_TEST(processesWith(nap) == 0);
    start();
    BOOST_TEST(statusOf(status(id)) == "failed");
}

BOOST_FIXTURE_TEST_CASE(one_slot_builds_one_after_the_other, ServerFixture)
{
    start({"--max-concurrent", "1"});
    const auto nap = uniqueNap();
    const auto first = build(sleepyBuild(nap));
    BOOST_TEST_REQUIRE(waitForLine(first, "asleep"));
    const auto second = build(pkgbuild("second", kEmptyPackage));
    const auto third = build(pkgbuild("third", kEmptyPackage));
    BOOST_TEST(statusOf(status(second)) == "queued");
    BOOST_TEST(http().get("/build/" + second + "/output").status == 404);
    const auto queue = root()->getObject("queue_status");
    BOOST_TEST(queue->getValue<int>("current_builds_count") == 1);
    BOOST_TEST(queue->getValue<int>("queued_builds") == 2);

    BOOST_TEST(cancel(second));
    BOOST_TEST(cancel(first));
    BOOST_TEST(statusOf(waitForEnd(third)) == "completed");
    const auto cancelled = status(second);
    BOOST_TEST(statusOf(cancelled) == "cancelled");
    BOOST_TEST(!cancelled->has("start_time"));   // it never ran
}

BOOST_AUTO_TEST_SUITE_END()

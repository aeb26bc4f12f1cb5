// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// A fast and a slow build server, as their reports say; builds end at once.
struct MixedFleet {
    MixedFleet()
        : farm({{"x86_64", slow.url()}, {"x86_64", fast.url()}},
               {{"plugins.load", "storage-sqlite, scheduler-fit, auth-local, notify-smtp"},
                {"scheduler", "fit"},
                {"scheduler.fit.learnSeconds", "0.05"}})
    {
        farm.start();
    }
    /// Ends a build that says that it took so long; `more` are members of its status.
    void finish(FakeBuildServer& server, const BuildId& build, const std::string& pkgname, int seconds,
                const std::string& more = "")
    {
        const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
        server.misbehave({.fault = Fault::Answer,
                          .path = "/build/" + build + "/status",
                          .status = 200,
                          .body = R"({"build_id":")" + build + R"(","pkgname":")" + pkgname +
                                  R"(","status":"completed","created_at":)" + std::to_string(now - seconds) +
                                  R"(,"arch":["x86_64"],"packages":[],"logs":[],"build_timeout":7200,"start_time":)" +
                                  std::to_string(now - seconds) + R"(,"exit_code":0,"end_time":)" + std::to_string(now) +
                                  R"(,"duration":)" + std::to_string(seconds) + more + "}",
                          .headers = {{"content-type", "application/json"}}});
        server.finish(build, BuildStatus::Completed);
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build, 30s) == "completed");
    }
    /// The server that got it.
    FakeBuildServer& placed(const BuildId& build)
    {
        BOOST_TEST_REQUIRE(eventually([&] { return slow.statusOf(build) || fast.statusOf(build); }));
        return slow.statusOf(build) ? slow : fast;
    }
    /// Builds it once; whether the fast server got it.
    bool buildsOnTheFast(const std::string& pkgname)
    {
        const auto build = acceptedBuild(submit(farm.admin(), pkgname));
        auto& server = placed(build);
        finish(server, build, pkgname, &server == &fast ? 60 : 600);
        return &server == &fast;
    }
    std::string reasonOf(const BuildId& build) { return member(farm.guest().get("/build/" + build + "/status-api"), "reason"); }

    FakeBuildServer slow, fast;
    FarmProcess farm;
};

/// The slow server has 4 GiB, the fast one 10 and one slot; both take equally long, and say what a build needed.
struct UnequalFleet : MixedFleet {
    UnequalFleet() { fast.setSlots(1); }

    void finishNeeding(const BuildId& build, const std::string& pkgname, const std::string& bytes)
    {
        auto& server = placed(build);
        finish(server, build, pkgname, 60,
               R"(,"peak_memory":)" + bytes + R"(,"server_memory":)" + (&server == &fast ? "10737418240" : "4294967296"));
    }
    std::string chromium() { return acceptedBuild(submit(farm.admin(), "chromium")); }
    /// Builds one of them on each server, and one more until it is learned what they need.
    void learn()
    {
        const auto first = chromium(), second = chromium();
        BOOST_TEST_REQUIRE((&placed(first) != &placed(second)));
        finishNeeding(first, "chromium", "6442450944");
        finishNeeding(second, "chromium", "6442450944");
        BOOST_TEST_REQUIRE(eventually([&] {
            const auto build = chromium();
            const bool known = &placed(build) == &fast && reasonOf(build).find("of memory left") != std::string::npos;
            finishNeeding(build, "chromium", "6442450944");
            return known;
        }, 60s));
    }
    std::string waitingReason(const BuildId& build) { return member(farm.guest().get("/build/" + build + "/status-api"), "waiting_reason"); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(SchedulerFitInUse)

BOOST_AUTO_TEST_CASE(a_slow_server_is_avoided_once_it_is_known_and_the_page_says_what_is_expected_also_after_a_restart)
{
    MixedFleet fleet;
    // It finds out by itself, after both had their turns.
    int inARow = 0;
    for (int i = 0; i < 20 && inARow < 4; ++i)
        inARow = fleet.buildsOnTheFast("zlib") ? inARow + 1 : 0;
    BOOST_TEST_REQUIRE(inARow == 4);
    BOOST_TEST(!fleet.slow.submissions().empty());

    fleet.farm.stop();
    fleet.farm.start();
    const auto build = acceptedBuild(submit(fleet.farm.admin(), "zlib"));
    BOOST_TEST((&fleet.placed(build) == &fleet.fast));
    BOOST_TEST(eventually([&] { return fleet.reasonOf(build).starts_with("expected 60 s here"); }), fleet.reasonOf(build));
    const auto page = fleet.farm.guest().get("/build/" + build + "/status").body;
    BOOST_TEST(page.find("on the next of 2 servers") != std::string::npos, page);
}

BOOST_AUTO_TEST_CASE(a_package_that_needs_much_memory_goes_to_the_large_server_and_waits_while_only_the_small_one_is_free)
{
    UnequalFleet fleet;
    fleet.learn();
    fleet.farm.stop();
    fleet.farm.start();

    const auto running = fleet.chromium();
    BOOST_TEST((&fleet.placed(running) == &fleet.fast));
    const auto waiting = fleet.chromium();
    BOOST_TEST(eventually([&] { return fleet.waitingReason(waiting).find("expected to need 6.0 GiB") != std::string::npos; }));
    const auto reason = fleet.waitingReason(waiting);
    BOOST_TEST(reason == "expected to need 6.0 GiB; 3.6 GiB are expected to be left on the one free server");

    // Others go past it, and what a server says that makes no sense changes nothing.
    const auto other = acceptedBuild(submit(fleet.farm.admin(), "zlib"));
    BOOST_TEST((&fleet.placed(other) == &fleet.slow));
    fleet.finish(fleet.slow, other, "zlib", 60, R"(,"peak_memory":-1e300,"server_memory":"much")");
    BOOST_TEST(!fleet.slow.statusOf(waiting).has_value());
    BOOST_TEST(!fleet.fast.statusOf(waiting).has_value());

    fleet.finishNeeding(running, "chromium", "6442450944");
    BOOST_TEST((&fleet.placed(waiting) == &fleet.fast));
}

BOOST_AUTO_TEST_CASE(what_the_real_build_server_reports_is_what_the_scheduler_expects)
{
    TempDir gates;
    std::filesystem::permissions(gates.path(), std::filesystem::perms(0755));
    RealServer server("x86_64", {"--builder", "plain"});
    // A share so small that nothing fits beside anything.
    FarmProcess farm({{"x86_64", server.url()}}, {{"plugins.load", "storage-sqlite, scheduler-fit, auth-local, notify-smtp"},
                                                  {"scheduler", "fit"},
                                                  {"scheduler.fit.memoryShare", "0.0001"},
                                                  {"scheduler.fit.learnSeconds", "0.05"}});
    farm.start();
    const auto submitHolder = [&] {
        return acceptedBuild(submitTarball(farm.admin(), tarballOf(pkgbuild("holder", "'x86_64'",
            "build() { x=$(head -c 60000000 /dev/zero | tr '\\0' x); while test -e " + (gates / "closed").string() +
            "; do sleep 0.05; done; }\npackage() { install -d \"$pkgdir/usr/share/holder\"; }\n"))));
    };
    const auto status = [&](const BuildId& build) { return farm.guest().get("/build/" + build + "/status-api"); };
    const std::string expected = "expected to need ";
    double peak = 0;   // MiB
    BOOST_TEST_REQUIRE(eventually([&] {
        const auto build = submitHolder();
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());
        peak = json(status(build))->getValue<double>("peak_memory") / (1 << 20);
        return member(status(build), "reason").starts_with(expected);
    }, 60s));
    BOOST_TEST(peak > 57);

    std::ofstream(gates / "closed") << "";
    const auto running = submitHolder();
    BOOST_TEST_REQUIRE(waitForStatus(farm.guest(), running, "building"));
    const auto waiting = submitHolder();
    BOOST_TEST_REQUIRE(eventually([&] { return member(status(waiting), "waiting_reason").starts_with(expected); }));
    BOOST_TEST(std::stod(member(status(waiting), "waiting_reason").substr(expected.size())) == peak,
               boost::test_tools::tolerance(0.1));
    std::filesystem::remove(gates / "closed");
    BOOST_TEST(waitForEnd(farm.guest(), waiting) == "completed");
}

BOOST_AUTO_TEST_SUITE_END()

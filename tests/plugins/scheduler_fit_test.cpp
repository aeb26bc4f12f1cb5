// SPDX-License-Identifier: MIT
#include "plugins/late_history.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <apbfarm/conformance/loaded_plugin.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// A database and, for as long as wanted, the scheduler over it.
struct Memory {
    Memory() { plugin.use(storage); }

    std::unique_ptr<Scheduler> make(conformance::LoadedPlugin::Options options = {})
    {
        options.emplace("learnSeconds", "0.02");
        return plugin.make<Scheduler>("fit", options);
    }
    /// A finished build that lies in the database.
    void remember(const std::string& package, const std::string& server, std::chrono::seconds took)
    {
        Build build = queued(package);
        storage.builds().submit({{build}, "", {}, {}});
        finish(*storage.builds().find(build.id), server, took);
    }
    void finish(Build build, const std::string& server, std::chrono::seconds took, const std::string& record = "",
                BuildState verdict = BuildState::Completed)
    {
        const auto from = build.state;
        build.state = verdict;
        build.serverRecord = record;
        build.server = server;
        build.startedAt = fromEpoch(1'800'000'000);
        build.endedAt = *build.startedAt + took;
        BOOST_TEST_REQUIRE(storage.builds().change({.from = from, .fromRevision = build.revision, .after = build}));
    }
    Build queued(const std::string& package)
    {
        Build build;
        build.id = "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + ++number);
        build.pkgname = package;
        build.architecture = "x86_64";
        build.createdAt = fromEpoch(1'800'000'000);
        return build;
    }
    static std::vector<ServerSnapshot> both()
    {
        std::vector<ServerSnapshot> servers;
        for (const auto* name : {"http://slow.example.org:8000", "http://fast.example.org:8000"})
            servers.push_back({.id = name, .architecture = "x86_64", .health = ServerHealth::Healthy, .slots = 4, .freeSlots = 4});
        return servers;
    }
    /// Places a build and ends it where it was placed.
    void build(Scheduler& scheduler, const std::string& package, const std::string& record, BuildState verdict)
    {
        const auto build = queued(package);
        storage.builds().submit({{build}, "", {}, {}});
        const auto placement = scheduler.pick(build, both());
        BOOST_TEST_REQUIRE(placement.server.has_value());
        finish(*storage.builds().find(build.id), *placement.server, 60s, record, verdict);
    }
    std::string reasonFor(Scheduler& scheduler, const std::string& package)
    {
        return scheduler.pick(queued(package), both()).reason;
    }

    TempDir folder;
    conformance::LoadedPlugin sqlite{buildDirectory() / "plugins/storage-sqlite.so"};
    std::unique_ptr<Storage> database = sqlite.make<Storage>("sqlite", {{"path", folder / "farm.db"}});
    Storage& storage = *database;
    conformance::LoadedPlugin plugin{buildDirectory() / "plugins/scheduler-fit.so"};
    int number = 0;
};

constexpr auto kFast = "http://fast.example.org:8000";
constexpr auto kSlow = "http://slow.example.org:8000";

} // namespace

BOOST_AUTO_TEST_SUITE(SchedulerFit)

BOOST_FIXTURE_TEST_CASE(its_first_start_learns_from_what_the_farm_remembers, Memory)
{
    for (int i = 0; i < 4; ++i) {
        remember("zlib", kFast, 60s);
        remember("zlib", kSlow, 600s);
    }
    const auto scheduler = make();
    BOOST_TEST(eventually([&] { return reasonFor(*scheduler, "zlib").starts_with("expected "); }));
    const auto placement = scheduler->pick(queued("zlib"), both());
    BOOST_TEST(*placement.server == kFast);
    BOOST_TEST(placement.reason.find("on the next of 2 servers") != std::string::npos, placement.reason);
}

BOOST_FIXTURE_TEST_CASE(it_learns_from_a_build_that_it_placed_and_keeps_it_over_a_restart, Memory)
{
    const auto scheduler = make();
    for (int i = 0; i < 3; ++i) {
        const auto build = queued("zlib");
        storage.builds().submit({{build}, "", {}, {}});
        const auto placement = scheduler->pick(build, both());
        BOOST_TEST_REQUIRE(placement.server.has_value());
        finish(*storage.builds().find(build.id), *placement.server, *placement.server == kSlow ? 600s : 60s);
        BOOST_TEST(eventually([&] {
            const auto rows = storage.tables().query("SELECT samples FROM fit_packages WHERE pkgname = 'zlib'", {});
            return !rows.empty() && rows.front().at(0).value_or("") == std::to_string(i + 1);
        }));
    }
    BOOST_TEST(reasonFor(*scheduler, "zlib").starts_with("expected "));

    // Nothing is learned twice, nothing from the builds that the farm remembers.
    const auto second = make();
    BOOST_TEST(eventually([&] { return reasonFor(*second, "zlib").starts_with("expected "); }));
    BOOST_TEST(storage.tables().query("SELECT samples FROM fit_packages", {}).front().at(0).value_or("") == "3");
}

BOOST_FIXTURE_TEST_CASE(a_build_that_ends_before_its_first_start_has_looked_back_is_learned_once, Memory)
{
    LateHistory late(storage);
    plugin.use(late);
    const auto scheduler = make();
    build(*scheduler, "zlib", "", BuildState::Completed);
    late.answer();
    const auto samples = [&](const std::string& package) {
        const auto rows = storage.tables().query("SELECT samples FROM fit_packages WHERE pkgname = '" + package + "'", {});
        return rows.empty() ? "" : rows.front().at(0).value_or("");
    };
    BOOST_TEST(eventually([&] { return !samples("zlib").empty(); }));
    // One that comes after it is learned, so it was looked at.
    build(*scheduler, "zsh", "", BuildState::Completed);
    BOOST_TEST(eventually([&] { return !samples("zsh").empty(); }));
    BOOST_TEST(samples("zlib") == "1");
}

BOOST_FIXTURE_TEST_CASE(builds_that_failed_teach_nothing_of_time, Memory)
{
    const auto scheduler = make();
    auto build = queued("broken");
    storage.builds().submit({{build}, "", {}, {}});
    scheduler->pick(build, both());
    build = *storage.builds().find(build.id);
    const auto from = build.state;
    build.state = BuildState::Failed;
    build.server = kFast;
    build.startedAt = fromEpoch(1'800'000'000);
    build.endedAt = *build.startedAt + 1s;
    storage.builds().change({.from = from, .fromRevision = build.revision, .after = build});
    // One that comes after it is learned, so it was looked at.
    const auto good = queued("good");
    storage.builds().submit({{good}, "", {}, {}});
    scheduler->pick(good, both());
    finish(*storage.builds().find(good.id), kFast, 60s);
    const auto known = [&](const std::string& name) {
        return !storage.tables().query("SELECT 1 FROM fit_packages WHERE pkgname = $1", {name}).empty();
    };
    BOOST_TEST(eventually([&] { return known("good"); }));
    BOOST_TEST(!known("broken"));
}

BOOST_FIXTURE_TEST_CASE(what_builds_needed_of_memory_is_learned_also_from_failed_ones_and_kept_over_a_restart, Memory)
{
    const std::string record = R"({"status":"completed","peak_memory":6442450944,"server_memory":8589934592})";
    const auto rows = [&](const std::string& table) {
        return storage.tables().query("SELECT samples FROM " + table, {}).size();
    };
    {
        const auto scheduler = make();
        build(*scheduler, "chromium", record, BuildState::Completed);
        build(*scheduler, "firefox", record, BuildState::Failed);
        build(*scheduler, "strange", R"({"peak_memory":"much","server_memory":-1})", BuildState::Completed);
        BOOST_TEST(eventually([&] { return rows("fit_package_memory") == 2 && rows("fit_packages") == 2; }));
        BOOST_TEST(rows("fit_server_memory") == 2u);
    }
    // It is known at once, for what waits is placed at once. Nobody looks whether these builds ended.
    const auto second = make({{"learnSeconds", "3600"}});
    BOOST_TEST(second->pick(queued("firefox"), both()).server.has_value());
    BOOST_TEST(second->pick(queued("chromium"), both()).server.has_value());
    BOOST_TEST(reasonFor(*second, "firefox") == "expected to need 6.0 GiB; at most 1.2 GiB are expected to be left on the 2 free servers");
}

BOOST_FIXTURE_TEST_CASE(what_was_learned_before_memory_was_is_kept, Memory)
{
    storage.tables().migrate("scheduler-fit", {{1, "CREATE TABLE fit_packages (pkgname TEXT NOT NULL, architecture TEXT NOT NULL, "
                                                   "log_seconds REAL NOT NULL, samples INTEGER NOT NULL, updated_at REAL NOT NULL, "
                                                   "PRIMARY KEY (pkgname, architecture))"},
                                               {2, "CREATE TABLE fit_servers (server TEXT NOT NULL PRIMARY KEY, log_slowness REAL "
                                                   "NOT NULL, samples INTEGER NOT NULL, updated_at REAL NOT NULL)"}});
    storage.tables().execute({{"INSERT INTO fit_packages VALUES ('zlib', 'x86_64', 4.1, 7, 1800000000)", {}}});
    const auto scheduler = make();
    BOOST_TEST(eventually([&] { return reasonFor(*scheduler, "zlib").starts_with("expected 60 s here"); }));
}

BOOST_FIXTURE_TEST_CASE(options_out_of_range_stop_the_start, Memory)
{
    BOOST_CHECK_EXCEPTION(make({{"degradedFactor", "0.5"}}), InvalidInput, [](const std::exception& error) {
        return std::string(error.what()).find("degradedFactor = '0.5': expected a number from 1 to 1000") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()

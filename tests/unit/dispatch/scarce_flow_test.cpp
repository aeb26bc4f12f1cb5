// SPDX-License-Identifier: MIT
// What becomes of builds whose way through the farm finds no memory for a moment.
#include "dispatch/build_flow.h"
#include "support/child_process.h"
#include "support/fake_build_server.h"
#include "support/packages.h"
#include "support/row_store.h"
#include "support/short_memory.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>

using namespace apbfarm;
using namespace std::chrono_literals;
using life::Action;

namespace {

class FirstFree final : public Scheduler {
public:
    Placement pick(const Build&, std::span<const ServerSnapshot> candidates) override
    {
        return Placement::on(candidates.front().id, "free");
    }
};

/// Memory runs out where a step is stored or the sources are read, on whatever thread does it.
class ScarceStore final : public test::RowStore {
public:
    std::vector<Build> submit(const Submission& submission) override
    {
        const std::lock_guard lock(mutex_);
        return RowStore::submit(submission);
    }
    std::optional<Build> find(const BuildId& id) override
    {
        const std::lock_guard lock(mutex_);
        return RowStore::find(id);
    }
    bool change(const BuildChange& change) override
    {
        const std::lock_guard lock(mutex_);
        if (failsToPlace && change.after.state == BuildState::Assigning) {
            failsToPlace = false;
            test::failAllocations(1);   // for who deals with it
            throw std::bad_alloc();
        }
        const bool changed = RowStore::change(change);
        if (failsAfterSteps > 0 && struck_.insert(change.after.state).second)
            test::failAllocations(failsAfterSteps);
        return changed;
    }
    std::optional<std::string> inlinePayload(const std::string&) override
    {
        test::endFailing();
        std::optional<std::string> bytes = tarball;
        if (failsAt > 0)
            test::failAllocations(failsAt);
        return bytes;
    }

    std::string tarball = "some bytes";
    bool failsToPlace = false;
    long failsAt = 0;           ///< the so-manieth allocation once the sources are there
    long failsAfterSteps = 0;   ///< the same after the first step to each state

private:
    std::mutex mutex_;
    std::set<BuildState> struck_;
};

struct Flow {
    test::FakeBuildServer server{"x86_64", 1000};
    test::TempDir folder;
    ScarceStore store;
    util::SystemClock clock;
    util::TaskBoard tasks{clock};
    service::BuildLedger ledger{store, clock, {.notFoundGap = 50ms}};
    service::BuildQueue queue;
    fleet::Fleet fleet{{{server.url(), "x86_64"}}, clock};
    FirstFree scheduler;
    files::PayloadSpool spool{folder / "spool"};
    service::Payloads payloads{store, spool};
    std::function<void(const std::string&)> report = [](const std::string&) {};

    Flow() { fleet.reported(server.url(), {.architecture = "x86_64", .slots = 1000}); }

    static BuildId idOf(long number)
    {
        return "bdf6a18a-6ae5-4cfa-bff8-dfe498" + std::to_string(100'000 + number);
    }
    BuildId admit(long number)
    {
        Submission submission;
        submission.builds.emplace_back();
        submission.builds[0].id = idOf(number);
        submission.builds[0].architecture = "x86_64";
        return ledger.admit(submission).front().id;
    }
};

/// One hand-over after the other, each with another allocation that fails.
struct HandOvers : Flow {
    util::Guarded<std::vector<Action>> asked;   ///< for the build at hand
    util::Guarded<dispatch::Pace> pace;
    dispatch::LaneContext context{server.url(), {}, pace, ledger, fleet, clock, tasks, [] {}, report};
    dispatch::HandOverLane lane{context, payloads};

    HandOvers()
    {
        ledger.onAction([this](const Build& build, Action action) {
            if (action == Action::HandOver)
                return lane.send(build.id);
            asked.with([&](auto& all) { all.push_back(action); });
        });
    }
    bool isAsked(Action action)
    {
        return asked.with([&](const auto& all) { return std::ranges::find(all, action) != all.end(); });
    }
    /// The build, once the farm knows or has to ask what became of it.
    BuildId handOver(long number)
    {
        const auto build = admit(number);
        asked.with([](auto& all) { all.clear(); });
        store.failsAt = number;
        ledger.apply(build, life::Placed{server.url(), "x86_64", ""});
        BOOST_TEST(test::eventually([&] {
            lane.send("nobody");   // it need not rest
            ledger.catchUp();
            return ledger.findLive(build)->state == BuildState::Building || isAsked(Action::Ask) ||
                   isAsked(Action::Enqueue);
        }));
        return build;
    }
};

/// One build from its submission to its end, with all that belongs to it.
struct Journey : Flow {
    files::LogStore logs{folder / "logs"};
    files::LogStreamHub streams{logs};
    files::ArtifactStore artifacts{folder / "artifacts"};
    std::atomic<int> concluded = 0;
    BuildId build;
    dispatch::BuildFlow flow{
        {ledger, queue, fleet, scheduler, payloads, logs, streams, artifacts, clock, tasks},
        {.pace = {.probe = 100ms, .status = 20ms, .log = 20ms, .settle = 20ms, .backOff = 10ms}, .client = {}, .dispatch = {}},
        report, [this](const Build&) { ++concluded; }};

    explicit Journey(long failsAt)
    {
        store.tarball = test::tarballOf(test::pkgbuild("hello"));
        server.finishAtOnce(BuildStatus::Completed);
        store.failsAfterSteps = failsAt;
        ledger.onAction([this](const Build& of, Action action) { flow.take(of, action); });
        build = admit(failsAt);
        test::endFailing();
    }
    bool isOver()
    {
        return concluded > 0 && ledger.liveCount() == 0 && queue.size() == 0 &&
               fleet.find(server.url())->builds.empty();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ShortMemory)

BOOST_AUTO_TEST_CASE(D3_a_build_comes_to_its_end_although_after_each_step_memory_is_missing_once)
{
    constexpr long kDeepest = 40;
    std::vector<std::unique_ptr<Journey>> journeys;
    for (long at = 1; at <= kDeepest; ++at)
        journeys.push_back(std::make_unique<Journey>(at));
    for (const auto& journey : journeys) {
        const auto at = journey->store.failsAfterSteps;
        BOOST_TEST_REQUIRE(test::eventually([&] { return journey->isOver(); }), "allocation " << at);
        BOOST_TEST((journey->store.find(journey->build)->state == BuildState::Completed), "allocation " << at);
        BOOST_TEST(journey->server.acceptedCount()[journey->build] == 1, "allocation " << at);
        BOOST_TEST(journey->logs.lineCount(journey->build) > 0, "allocation " << at);
    }
}

BOOST_FIXTURE_TEST_CASE(L2_what_goes_wrong_once_a_build_may_have_been_sent_is_asked_for_and_not_sent_again, HandOvers)
{
    int uncertain = 0;
    for (long number = 1; number <= 150; ++number) {
        const auto build = handOver(number);
        if (!server.statusOf(build))
            continue;
        BOOST_TEST(!isAsked(Action::Enqueue), "sent, and back in the queue: allocation " << number);
        uncertain += ledger.findLive(build)->state == BuildState::Assigning;
    }
    BOOST_TEST(uncertain > 0);
}

BOOST_FIXTURE_TEST_CASE(L6_a_build_whose_placing_found_no_memory_is_placed_later, Flow)
{
    std::atomic<int> sent = 0;
    ledger.onAction([&](const Build& build, Action action) {
        if (action == Action::Enqueue)
            queue.add(build);
        sent += action == Action::HandOver;
    });
    store.failsToPlace = true;
    const auto build = admit(1);
    dispatch::Dispatcher dispatcher(ledger, queue, fleet, scheduler, clock, {}, tasks, report);
    dispatcher.wake();
    BOOST_TEST(test::eventually([&] { return sent > 0; }));
    dispatcher.stop();
    BOOST_TEST(sent == 1);
    BOOST_TEST((fleet.find(server.url())->builds == std::vector{build}));
    BOOST_TEST(queue.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(the_flow_of_builds_stops_without_memory, Flow)
{
    files::LogStore logs(folder / "logs");
    files::LogStreamHub streams(logs);
    files::ArtifactStore artifacts(folder / "artifacts");
    auto flow = std::make_unique<dispatch::BuildFlow>(
        dispatch::BuildFlow::Parts{ledger, queue, fleet, scheduler, payloads, logs, streams, artifacts, clock, tasks},
        dispatch::BuildFlow::Settings{}, report, [](const Build&) {});
    ledger.onAction([&all = *flow](const Build& build, Action action) { all.take(build, action); });
    BOOST_TEST_REQUIRE(server.waitForAccepted(admit(1)));
    test::lacking(1, [&] { flow.reset(); }, test::kWithoutEnd);
    BOOST_TEST(!flow);
}

BOOST_AUTO_TEST_SUITE_END()

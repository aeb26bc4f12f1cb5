// SPDX-License-Identifier: MIT
#include "../../plugins/scheduler-fit/fit_policy.h"

#include "plugins/bundled_plugins.h"

#include <apbfarm/conformance/loaded_plugin.h>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <deque>
#include <functional>
#include <queue>

using namespace apbfarm;
using namespace apbfarm::test;
using fit::FitPolicy;

namespace {

struct Machine {
    std::string name;
    int slots = 1;
    double slowness = 1;             ///< a build takes so many times as long
    int busy = 0;
};

struct Job {
    std::string package;
    double seconds = 0;              ///< on a machine of slowness 1
};

/// Builds, machines and a scheduler in a time of their own; as the farm does, the queue is asked from its front.
class Simulation {
public:
    using Pick = std::function<Placement(const Build&, std::span<const ServerSnapshot>, double)>;
    using Ended = std::function<void(const Build&, double seconds, double now)>;

    Simulation(std::vector<Machine> machines, Pick pick, Ended ended = [](auto&&...) {})
        : machines_(std::move(machines)), pick_(std::move(pick)), ended_(std::move(ended))
    {
    }

    /// Runs all of them, given at once; how long that takes.
    double run(const std::vector<Job>& jobs)
    {
        const double begin = now_;
        std::deque<std::pair<Build, Job>> queue;
        for (const auto& job : jobs)
            queue.emplace_back(buildOf(job.package), job);
        while (!queue.empty() || !running_.empty()) {
            dispatch(queue);
            BOOST_TEST_REQUIRE((!running_.empty()), "everything waits and nothing runs");
            finishNext();
        }
        return now_ - begin;
    }
    double now() const { return now_; }
    std::map<std::string, int> placed;

private:
    struct Run {
        double endsAt, took;
        std::size_t machine;
        Build build;
        bool operator>(const Run& other) const { return endsAt > other.endsAt; }
    };

    Build buildOf(const std::string& package)
    {
        Build build;
        build.id = "build-" + std::to_string(++number_);
        build.pkgname = package;
        build.architecture = "x86_64";
        return build;
    }
    std::vector<ServerSnapshot> candidates() const
    {
        std::vector<ServerSnapshot> free;
        for (const auto& machine : machines_)
            if (machine.busy < machine.slots)
                free.push_back({.id = machine.name, .architecture = "x86_64", .health = ServerHealth::Healthy,
                                .slots = machine.slots, .freeSlots = machine.slots - machine.busy, .building = machine.busy});
        return free;
    }
    void dispatch(std::deque<std::pair<Build, Job>>& queue)
    {
        for (auto next = queue.begin(); next != queue.end();) {
            const auto free = candidates();
            if (free.empty())
                return;
            const auto placement = pick_(next->first, free, now_);
            if (!placement.server) {
                ++next;
                continue;
            }
            const auto machine = static_cast<std::size_t>(
                std::ranges::find(machines_, *placement.server, &Machine::name) - machines_.begin());
            const double took = next->second.seconds * machines_[machine].slowness;
            ++machines_[machine].busy;
            ++placed[*placement.server];
            next->first.server = *placement.server;
            running_.push({now_ + took, took, machine, next->first});
            next = queue.erase(next);
        }
    }
    void finishNext()
    {
        const auto run = running_.top();
        running_.pop();
        now_ = run.endsAt;
        --machines_[run.machine].busy;
        ended_(run.build, run.took, now_);
    }

    std::vector<Machine> machines_;
    Pick pick_;
    Ended ended_;
    double now_ = 1'800'000'000;
    int number_ = 0;
    std::priority_queue<Run, std::vector<Run>, std::greater<>> running_;
};

Simulation withFit(const std::vector<Machine>& machines, FitPolicy& policy)
{
    return {machines, [&](const Build& build, auto candidates, double now) { return policy.pick(build, candidates, now); },
            [&](const Build& build, double seconds, double now) {
                policy.gone(build.id);
                policy.learn(build, seconds, now);
            }};
}

Simulation withScheduler(const std::vector<Machine>& machines, Scheduler& scheduler)
{
    return {machines, [&](const Build& build, auto candidates, double) { return scheduler.pick(build, candidates); }};
}

/// Sixty builds of twenty packages, from a minute to most of an hour, in an order that favours nobody.
std::vector<Job> world()
{
    std::vector<Job> jobs;
    for (int i = 0; i < 60; ++i) {
        const int package = (i * 7) % 20;
        jobs.push_back({"package" + std::to_string(package), 60.0 * (1 + (package * package) % 47)});
    }
    return jobs;
}

const std::vector<Machine> kMixedFleet{{"old", 4, 8}, {"middle", 4, 2}, {"new", 4, 1}};

/// A policy that has seen each of these packages on each machine.
struct Taught {
    explicit Taught(FitPolicy::Options options = {}) : policy(options) {}

    void learn(const std::string& package, const std::string& server, double seconds, double when = 1'800'000'000)
    {
        Build build;
        build.pkgname = package;
        build.architecture = "x86_64";
        build.server = server;
        policy.learn(build, seconds, when);
    }
    Placement pick(const std::string& package, const std::vector<ServerSnapshot>& candidates, double now = 1'800'000'000)
    {
        Build build;
        build.id = "asked-" + package;
        build.pkgname = package;
        build.architecture = "x86_64";
        return policy.pick(build, candidates, now);
    }
    static ServerSnapshot server(const std::string& name, int busy = 0)
    {
        return {.id = name, .architecture = "x86_64", .health = ServerHealth::Healthy, .slots = 4, .freeSlots = 4 - busy,
                .building = busy};
    }
    /// `slow` takes ten times as long.
    void twoServers()
    {
        for (int i = 0; i < 4; ++i) {
            learn("zlib", "fast", 60);
            learn("zlib", "slow", 600);
        }
    }
    FitPolicy policy;
};

} // namespace

BOOST_AUTO_TEST_SUITE(FitPolicyDecisions)

BOOST_AUTO_TEST_CASE(a_mixed_fleet_is_done_sooner_than_by_load_alone)
{
    conformance::LoadedPlugin plugin(buildDirectory() / "plugins/scheduler-leastload.so");
    const auto leastLoad = plugin.make<Scheduler>("leastload");
    const auto byLoad = withScheduler(kMixedFleet, *leastLoad).run(world());

    FitPolicy policy({.longestHold = 7200});
    auto farm = withFit(kMixedFleet, policy);
    farm.run(world());   // learns
    const auto byFit = farm.run(world());
    BOOST_TEST_MESSAGE("least load " << byLoad << " s, fit " << byFit << " s");
    BOOST_TEST(byFit < 0.6 * byLoad);
}

BOOST_AUTO_TEST_CASE(even_while_it_learns_and_never_holds_it_is_no_worse_than_load_alone)
{
    conformance::LoadedPlugin plugin(buildDirectory() / "plugins/scheduler-leastload.so");
    const auto leastLoad = plugin.make<Scheduler>("leastload");
    auto loaded = withScheduler(kMixedFleet, *leastLoad);
    FitPolicy policy({.longestHold = 0});
    auto farm = withFit(kMixedFleet, policy);
    double byLoad = 0, byFit = 0;
    for (int round = 0; round < 3; ++round) {
        byLoad += loaded.run(world());
        byFit += farm.run(world());
    }
    BOOST_TEST(byFit <= 1.05 * byLoad);
}

BOOST_AUTO_TEST_CASE(equal_machines_share_the_work)
{
    FitPolicy policy({});
    auto farm = withFit({{"a", 2, 1}, {"b", 2, 1}}, policy);
    farm.run(world());
    farm.run(world());
    BOOST_TEST(std::abs(farm.placed["a"] - farm.placed["b"]) <= 24);
}

BOOST_AUTO_TEST_CASE(without_knowledge_the_least_loaded_server_is_taken_and_the_reason_says_so)
{
    Taught nobody;
    const auto placement = nobody.pick("zlib", {Taught::server("a", 3), Taught::server("b", 1), Taught::server("c", 2)});
    BOOST_TEST(*placement.server == "b");
    BOOST_TEST(placement.reason == "nothing is known yet of how long builds for x86_64 take: the least loaded of 3 servers (3 slots free)");
}

BOOST_AUTO_TEST_CASE(a_slow_server_is_avoided_once_it_is_known_and_the_reason_gives_the_times)
{
    Taught taught;
    taught.twoServers();
    const auto placement = taught.pick("zlib", {Taught::server("slow"), Taught::server("fast", 3)});
    BOOST_TEST(*placement.server == "fast");
    BOOST_TEST(placement.reason == "expected 60 s here, 10 min on the next of 2 servers");
}

BOOST_AUTO_TEST_CASE(a_package_that_was_never_built_is_taken_for_an_average_one)
{
    Taught taught;
    taught.twoServers();
    const auto placement = taught.pick("unheard-of", {Taught::server("slow"), Taught::server("fast")});
    BOOST_TEST(*placement.server == "fast");
    BOOST_TEST(placement.reason.find("by the average of x86_64") != std::string::npos, placement.reason);
}

BOOST_AUTO_TEST_CASE(a_new_server_is_hoped_to_be_fast_and_tried)
{
    Taught taught;
    taught.twoServers();
    BOOST_TEST(*taught.pick("zlib", {Taught::server("slow"), Taught::server("fast", 2), Taught::server("new")}).server == "new");
    for (int i = 0; i < 3; ++i)
        taught.learn("zlib", "new", 300);
    BOOST_TEST(*taught.pick("zlib", {Taught::server("slow"), Taught::server("fast", 2), Taught::server("new")}).server == "fast");
}

BOOST_AUTO_TEST_CASE(a_server_of_which_nothing_was_heard_for_long_is_tried_again)
{
    Taught taught({.forgetAfter = 86400});
    taught.twoServers();
    taught.learn("zlib", "fast", 60, 1'800'000'000 + 2 * 86400);
    const auto placement = taught.pick("zlib", {Taught::server("slow"), Taught::server("fast", 1)}, 1'800'000'000 + 2 * 86400);
    BOOST_TEST(*placement.server == "slow");
}

BOOST_AUTO_TEST_CASE(one_odd_build_changes_little_and_a_lasting_change_is_followed)
{
    fit::Estimates estimates(1e9);
    for (int i = 0; i < 20; ++i)
        estimates.learn({"zlib", "x86_64"}, "one", 100, 0);
    estimates.learn({"zlib", "x86_64"}, "one", 100'000, 0);
    BOOST_TEST(estimates.expected({"zlib", "x86_64"}, "one", 0)->seconds < 150);
    for (int i = 0; i < 30; ++i)
        estimates.learn({"zlib", "x86_64"}, "one", 1000, 0);
    BOOST_TEST(estimates.expected({"zlib", "x86_64"}, "one", 0)->seconds > 800);
    BOOST_TEST(estimates.expected({"zlib", "x86_64"}, "one", 0)->seconds < 1250);
}

BOOST_AUTO_TEST_CASE(a_build_waits_for_a_faster_server_when_that_is_sooner_and_says_so)
{
    Taught taught;
    taught.twoServers();
    taught.pick("zlib", {Taught::server("slow"), Taught::server("fast")});   // both are seen, fast gets it
    const auto later = 1'800'000'000 + 30;
    Build another;
    another.id = "another";
    another.pkgname = "zlib";
    another.architecture = "x86_64";
    const std::vector<ServerSnapshot> onlySlow{Taught::server("slow")};
    const auto placement = taught.policy.pick(another, onlySlow, later);
    BOOST_TEST(!placement.server.has_value());
    BOOST_TEST(placement.reason == "expected 90 s from now when it waits for a faster server, 10 min on the best that is free");
    // The tenth would come too late, for all wait for the same slot.
    int waiting = 1;
    for (Build next = another; waiting < 20; ++waiting) {
        next.id = "next" + std::to_string(waiting);
        if (taught.policy.pick(next, onlySlow, later).server)
            break;
    }
    BOOST_TEST(waiting >= 5);
    BOOST_TEST(waiting <= 8);
}

BOOST_AUTO_TEST_CASE(nobody_waits_longer_than_the_option_says_or_for_a_server_that_went_away)
{
    Taught taught({.longestHold = 100});
    taught.twoServers();
    for (int i = 0; i < 4; ++i) {
        taught.learn("big", "fast", 1000);
        taught.learn("big", "slow", 10000);
    }
    const std::vector<ServerSnapshot> both{Taught::server("slow"), Taught::server("fast")}, onlySlow{Taught::server("slow")};
    taught.pick("zlib", both);
    const double begin = 1'800'000'000;
    BOOST_TEST(!taught.pick("big", onlySlow, begin + 1).server);
    BOOST_TEST(!taught.pick("big", onlySlow, begin + 50).server);
    BOOST_TEST(taught.pick("big", onlySlow, begin + 102).server.has_value());

    taught.pick("zlib", both, begin + 200);
    taught.policy.gone("asked-zlib");
    BOOST_TEST(taught.pick("big", onlySlow, begin + 201).server.has_value());
}

BOOST_AUTO_TEST_CASE(a_degraded_server_and_one_that_recreates_its_buildroot_are_taken_for_slower)
{
    Taught taught;
    taught.twoServers();
    for (int i = 0; i < 4; ++i)
        taught.learn("zlib", "twin", 60);
    auto busy = Taught::server("fast"), weak = busy;
    busy.recreatingBuildroot = true;
    BOOST_TEST(*taught.pick("zlib", {busy, Taught::server("twin", 3)}).server == "twin");
    weak.health = ServerHealth::Degraded;
    BOOST_TEST(*taught.pick("zlib", {weak, Taught::server("twin", 3)}).server == "twin");
}

BOOST_AUTO_TEST_SUITE_END()

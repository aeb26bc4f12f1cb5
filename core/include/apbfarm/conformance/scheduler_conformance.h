// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/conformance/suite.h>
#include <apbfarm/scheduler.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>

/// What every `Scheduler` must do, whatever it prefers: the promises of <apbfarm/scheduler.h>.
namespace apbfarm::conformance {

using MakeScheduler = std::function<std::unique_ptr<Scheduler>()>;

/// Numbers that look arbitrary and are the same in every run.
class SampleNumbers {
public:
    /// 0 to `limit` - 1.
    int below(int limit)
    {
        last_ = last_ * 1664525 + 1013904223;
        return static_cast<int>((last_ >> 8) % static_cast<std::uint32_t>(limit));
    }

private:
    std::uint32_t last_ = 1;
};

/// A fleet as the farm shows it: everybody has room and may be given builds.
inline std::vector<ServerSnapshot> sampleCandidates(SampleNumbers& numbers, int count)
{
    const auto below = [&numbers](int limit) { return numbers.below(limit); };
    std::vector<ServerSnapshot> candidates;
    for (int i = 0; i < count; ++i) {
        ServerSnapshot server;
        server.id = "http://build" + std::to_string(i) + ".example.org:8000";
        server.architecture = "x86_64";
        server.health = below(4) == 0 ? ServerHealth::Degraded : ServerHealth::Healthy;
        server.slots = 1 + below(16);
        server.freeSlots = 1 + below(server.slots);
        server.building = server.slots - server.freeSlots;
        server.queued = below(5);
        server.recreatingBuildroot = below(8) == 0;
        server.loadAverage = below(300) / 100.0;
        candidates.push_back(std::move(server));
    }
    return candidates;
}

inline Build waitingBuild(int number)
{
    Build build;
    build.id = "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + number);
    build.sequence = number;
    build.pkgname = "package" + std::to_string(number % 7);
    build.pkgver = "1.0";
    build.pkgrel = "1";
    build.architecture = number % 5 == 0 ? "aarch64" : "x86_64";
    build.anyArchitecture = number % 5 == 0;
    build.pkgnames = {build.pkgname};
    return build;
}

/// Asks with many builds and fleets, each of which is gone after the call, and shows every answer to `look`.
template <class F> void askOften(Scheduler& scheduler, F&& look)
{
    SampleNumbers numbers;
    for (int number = 1; number <= 500; ++number) {
        const auto build = std::make_unique<Build>(waitingBuild(number));
        const auto candidates = sampleCandidates(numbers, 1 + number % 12);
        look(scheduler.pick(*build, candidates), candidates);
    }
}

inline void aPickIsACandidateOrNobody(const MakeScheduler& make)
{
    askOften(*make(), [](const Placement& placement, const std::vector<ServerSnapshot>& candidates) {
        APB_FARM_CONFORM(!placement.server || std::ranges::count(candidates, *placement.server, &ServerSnapshot::id) == 1);
    });
}

inline void everyAnswerHasAReasonOfOneLine(const MakeScheduler& make)
{
    askOften(*make(), [](const Placement& placement, const std::vector<ServerSnapshot>&) {
        APB_FARM_CONFORM(!placement.reason.empty() && placement.reason.size() <= 300);
        APB_FARM_CONFORM(std::ranges::none_of(placement.reason, [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
    });
}

/// The reason is shown to everyone; where servers are is not.
inline void noReasonNamesAServer(const MakeScheduler& make)
{
    askOften(*make(), [](const Placement& placement, const std::vector<ServerSnapshot>& candidates) {
        APB_FARM_CONFORM(placement.reason.find("://") == std::string::npos);
        for (const auto& candidate : candidates)
            APB_FARM_CONFORM(placement.reason.find(candidate.id.substr(7)) == std::string::npos);
    });
}

/// The queue waits for the answer. Processor time, so that other work on the machine does not count.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr double kLongestPick = 0.02;    // seconds, of a program that is watched at every step
#else
inline constexpr double kLongestPick = 0.001;
#endif

inline void aPickAmongAHundredServersTakesLessThanAMillisecond(const MakeScheduler& make)
{
    const auto scheduler = make();
    SampleNumbers numbers;
    const auto candidates = sampleCandidates(numbers, 100);
    std::vector<double> times;
    for (int number = 1; number <= 101; ++number) {
        const auto begin = std::clock();
        scheduler->pick(waitingBuild(number), candidates);
        times.push_back(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    std::ranges::sort(times);
    APB_FARM_CONFORM(times[times.size() / 2] < kLongestPick);
}

/// A fleet of one must not be left idle for ever: with a free, healthy server, some build gets it.
inline void aSingleFreeServerGetsABuild(const MakeScheduler& make)
{
    const auto scheduler = make();
    ServerSnapshot server{.id = "http://only.example.org:8000", .architecture = "x86_64",
                          .health = ServerHealth::Healthy, .slots = 2, .freeSlots = 2};
    bool placed = false;
    for (int number = 1; number <= 20 && !placed; ++number)
        placed = scheduler->pick(waitingBuild(number), {&server, 1}).server.has_value();
    APB_FARM_CONFORM(placed);
}

/// `make` gives a scheduler with the options under test, a new one for each call.
inline std::vector<Case> schedulerCases(const MakeScheduler& make)
{
    const auto with = [&make](void (*check)(const MakeScheduler&)) { return [make, check] { check(make); }; };
    return {{"a_pick_is_a_candidate_or_nobody", with(aPickIsACandidateOrNobody)},
            {"every_answer_has_a_reason_of_one_line", with(everyAnswerHasAReasonOfOneLine)},
            {"no_reason_names_a_server", with(noReasonNamesAServer)},
            {"a_pick_among_a_hundred_servers_takes_less_than_a_millisecond",
             with(aPickAmongAHundredServersTakesLessThanAMillisecond)},
            {"a_single_free_server_gets_a_build", with(aSingleFreeServerGetsABuild)}};
}

} // namespace apbfarm::conformance

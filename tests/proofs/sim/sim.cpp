// SPDX-License-Identifier: MIT
#include "proofs/memory_dir.h"
#include "proofs/sim/kept_seeds.h"
#include "proofs/sim/sim.h"
#include "proofs/sim/simulation.h"


#include <algorithm>
#include <atomic>
#include <cstdio>
#include <limits>
#include <thread>

namespace apbfarm::proofs {

namespace {

using Instant = std::chrono::steady_clock::time_point;

constexpr std::uint64_t kQuick = 100'000, kFull = 10'000'000;
constexpr std::chrono::seconds kQuickTime{90};
/// Every so many seeds one is played on the real SQLite storage.
constexpr std::uint64_t kSqliteEvery = 1000;
constexpr std::uint64_t kFailuresShown = 10;

/// What all threads of a run share.
struct Run {
    std::uint64_t first = 0, count = 0;
    bool sqlite = false, trace = false;
    Instant end;
    std::atomic<std::uint64_t> next{0}, played{0}, onSqlite{0}, failed{0};
    std::atomic<int> folders{0};
};

simulation::Case caseOf(const Run& run, std::uint64_t seed, const std::filesystem::path& folder)
{
    return {seed, run.sqlite || seed % kSqliteEvery == kSqliteEvery - 1, run.trace, folder};
}

void playOne(Run& run, const simulation::Case& which, simulation::Coverage& coverage, Tally& tally)
{
    if (which.sqlite) {
        std::filesystem::remove_all(which.folder);
        std::filesystem::create_directory(which.folder);
        ++run.onSqlite;
    }
    const auto broken = simulation::play(which, coverage);
    ++run.played;
    if (broken.empty())
        return tally.passed();
    if (++run.failed <= kFailuresShown)
        tally.failed("seed " + std::to_string(which.seed) + ": " + broken + "\n       tests/prove sim --seed " +
                     std::to_string(which.seed) + " --count 1" + (run.sqlite ? " sqlite" : ""));
    else
        tally.failed("seed " + std::to_string(which.seed));
}

void playMany(Run& run, const std::filesystem::path& folder, simulation::Coverage& coverage, Tally& tally)
{
    const auto mine = folder / std::to_string(++run.folders);
    while (std::chrono::steady_clock::now() < run.end && run.failed < kFailuresShown * 10) {
        const auto at = run.next++;
        if (at >= run.count)
            return;
        playOne(run, caseOf(run, run.first + at, mine), coverage, tally);
    }
}

std::string cell(std::uint64_t count)
{
    char text[16];
    std::snprintf(text, sizeof text, " %11llu", static_cast<unsigned long long>(count));
    return text;
}

std::string title(const char* name, int width)
{
    std::string text(name);
    text.resize(static_cast<std::size_t>(width), ' ');
    return text;
}

std::string aligned(const char* name)
{
    char text[16];
    std::snprintf(text, sizeof text, " %11s", name);
    return text;
}

void sayCoverage(const simulation::Coverage& coverage, Tally& tally)
{
    std::string head = title("event \\ state", 18);
    for (std::size_t state = 0; state < simulation::kStates; ++state)
        head += aligned(simulation::stateName(state));
    tally.say(head);
    std::size_t seen = 0;
    for (std::size_t event = 0; event < simulation::kEvents; ++event) {
        auto line = title(simulation::eventName(event), 18);
        for (std::size_t state = 0; state < simulation::kStates; ++state) {
            line += cell(coverage.events[state][event]);
            seen += coverage.events[state][event] > 0;
        }
        tally.say(line);
    }
    tally.say("steps stored, from \\ to");
    for (std::size_t from = 0; from < simulation::kStates; ++from) {
        auto line = title(simulation::stateName(from), 18);
        for (std::size_t to = 0; to < simulation::kStates; ++to)
            line += cell(coverage.steps[from][to]);
        tally.say(line);
    }
    tally.say(std::to_string(seen) + " pairs of state and event seen; " + std::to_string(coverage.builds) + " builds, " +
              std::to_string(coverage.handOvers) + " taken by servers, " + std::to_string(coverage.cancels) +
              " cancelled, " + std::to_string(coverage.crashes) + " ends of the farm, " +
              std::to_string(coverage.switches) + " changes of thread");
}

std::size_t threadsFor(const Options& options)
{
    for (const auto& word : options.words)
        if (word.find_first_not_of("0123456789") == std::string::npos)
            return std::max(1ul, std::stoul(word));
    return std::max(1u, std::thread::hardware_concurrency());
}

void playKept(Run& run, const std::filesystem::path& folder, simulation::Coverage& coverage, Tally& tally)
{
    for (const auto& kept : kKeptSeeds)
        playOne(run, {kept.seed, kept.sqlite, false, folder / "kept"}, coverage, tally);
}

} // namespace

void sim(const Options& options, Tally& tally)
{
    const MemoryDir folder;
    Run run;
    run.first = options.seed.value_or(0);
    run.count = options.time && !options.count ? std::numeric_limits<std::uint64_t>::max() : options.size(kQuick, kFull);
    run.sqlite = std::ranges::find(options.words, "sqlite") != options.words.end();
    run.trace = options.seed && options.count == 1u;
    const auto begin = std::chrono::steady_clock::now();
    const auto limit = options.time ? *options.time : options.quick ? kQuickTime : std::chrono::hours(24 * 365);
    run.end = begin + limit;
    std::vector<simulation::Coverage> coverage(run.count == 1 ? 1 : threadsFor(options));
    if (!run.trace)
        playKept(run, folder.path(), coverage[0], tally);
    std::vector<std::jthread> threads;
    for (auto& own : coverage)
        threads.emplace_back([&] { playMany(run, folder.path(), own, tally); });
    threads.clear();
    simulation::Coverage all;
    for (const auto& own : coverage)
        all.add(own);
    if (!run.trace)
        sayCoverage(all, tally);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    const auto perSecond = static_cast<double>(run.played) / taken.count();
    tally.say(std::to_string(run.played) + " seeds from " + std::to_string(run.first) + " on, " + std::to_string(run.onSqlite) +
              " of them on SQLite, " + std::to_string(static_cast<long>(perSecond)) + " seeds/s in " +
              std::to_string(coverage.size()) + " threads");
}

}

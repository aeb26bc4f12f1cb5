// SPDX-License-Identifier: MIT
#include "proofs/faults/faults.h"

#include "proofs/faults/kept.h"
#include "proofs/faults/visit.h"
#include "proofs/memory_dir.h"
#include "support/child_process.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <random>
#include <thread>

namespace apbfarm::proofs {

namespace {

using namespace failing;

constexpr std::uint64_t kQuick = 300, kFull = 20'000;
constexpr unsigned kFarms = 2;                // at once
constexpr int kFailures = 30;
// Every place in words that begin with the rest: "places:serving:", "bursts:first:memory".
constexpr std::string_view kPlaceWord = "places:", kBurstWord = "bursts:";

/// Loaded by every program that this one starts; those that are no farm do not notice.
class Preloaded {
public:
    explicit Preloaded(const std::filesystem::path& folder)
    {
        ::setenv("TMPDIR", folder.c_str(), 1);
        ::setenv("LD_PRELOAD", (test::buildDirectory() / "tests/proofs/libfaults-injector.so").c_str(), 1);
    }
    ~Preloaded()
    {
        ::unsetenv("LD_PRELOAD");
        ::unsetenv("TMPDIR");
    }
};

/// Sums over the cases of one kind.
struct Sum {
    std::atomic<std::uint64_t> cases{0}, failed{0}, ends{0};
};

class Faults {
public:
    Faults(const Options& options, Tally& tally)
        : options_(options), tally_(tally), seed_(options.seed.value_or(std::random_device{}()))
    {
    }

    void run()
    {
        tally_.say("seed " + std::to_string(seed_));
        const auto clean = visit(seed_, {.times = 0});
        if (!clean.complaints.empty())
            return tally_.failed("without any fault: " + clean.complaints.front() + "\n" + clean.story);
        counts_ = clean.made;
        places_ = clean.places;
        chosen_ = chosenFaults();
        std::vector<std::jthread> farms;
        for (unsigned i = 0; i < kFarms; ++i)
            farms.emplace_back([this] { work(); });
        farms.clear();
        sayFigures();
    }

private:
    std::vector<Fault> faultsOf(const std::string& word) const
    {
        const bool inBursts = word.starts_with(kBurstWord);
        if (!inBursts && !word.starts_with(kPlaceWord))
            return {faultFrom(word)};
        auto faults = inBursts ? burstsAt(places_) : faultsAt(places_);
        std::erase_if(faults, [beginning = word.substr(word.find(':') + 1)](const Fault& fault) {
            return !toWord(fault).starts_with(beginning);
        });
        return faults;
    }

    /// Those that the words name, or those that once found something.
    std::vector<Fault> chosenFaults() const
    {
        std::vector<Fault> faults;
        for (const auto& word : options_.words)
            std::ranges::copy(faultsOf(word), std::back_inserter(faults));
        // A count and a seed make the same cases wherever they are given.
        if (options_.words.empty() && !options_.count)
            std::ranges::transform(kKept, std::back_inserter(faults),
                                   [](auto word) { return faultFrom(std::string(word)); });
        return faults;
    }

    std::uint64_t size() const
    {
        if (!options_.words.empty())
            return options_.count.value_or(1) * chosen_.size();
        return options_.time ? UINT64_MAX : chosen_.size() + options_.size(kQuick, kFull);
    }

    void work()
    {
        const auto count = size();
        const auto begin = std::chrono::steady_clock::now();
        for (auto i = next_++; i < count && failures_ < kFailures; i = next_++) {
            if (options_.time && std::chrono::steady_clock::now() - begin > *options_.time)
                return;
            const auto made = i - std::min<std::uint64_t>(i, chosen_.size());
            if (i < chosen_.size() || !options_.words.empty())
                tryOne(seed_, chosen_[i % chosen_.size()]);
            else
                tryOne(seed_ + made, faultOf(seed_ + made, counts_, places_));
        }
    }

    void tryOne(std::uint64_t seed, const Fault& fault)
    {
        const auto outcome = visit(seed, fault);
        auto& sum = sums_[static_cast<std::size_t>(fault.call)];
        ++sum.cases;
        sum.failed += outcome.failed > 0;
        sum.ends += outcome.ends > 0;
        if (outcome.complaints.empty())
            return tally_.passed();
        ++failures_;
        std::string text = "seed " + std::to_string(seed) + ", " + toWord(fault) + " (again: tests/prove faults " +
                           toWord(fault) + " --seed " + std::to_string(seed) + ")";
        for (const auto& complaint : outcome.complaints)
            text += "\n  " + complaint;
        tally_.failed(text);
        tally_.say(outcome.story);
    }

    void sayFigures()
    {
        for (std::size_t i = 0; i < kCalls; ++i) {
            std::string line(kCallNames[i]);
            line += ": ";
            for (std::size_t phase = 0; phase < kPhases; ++phase)
                line += std::to_string(counts_[phase][i]) + " " + std::string(kPhaseNames[phase]) + " (" +
                        std::to_string(places_[phase][i].size()) + " places), ";
            tally_.say(line + std::to_string(sums_[i].cases) + " cases, a call failed in " +
                       std::to_string(sums_[i].failed) + ", the farm ended in " + std::to_string(sums_[i].ends));
        }
    }

    const Options& options_;
    Tally& tally_;
    std::uint64_t seed_;
    Counts counts_{};
    Places places_;
    std::vector<Fault> chosen_;
    std::array<Sum, kCalls> sums_;
    std::atomic<std::uint64_t> next_{0};
    std::atomic<int> failures_{0};
};

}

void faults(const Options& options, Tally& tally)
{
    const MemoryDir folder;
    const Preloaded preloaded(folder.path());
    Faults(options, tally).run();
}

}

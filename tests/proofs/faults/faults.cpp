// SPDX-License-Identifier: MIT
#include "proofs/faults/faults.h"

#include "proofs/faults/kept.h"
#include "proofs/faults/visit.h"
#include "proofs/memory_dir.h"
#include "support/child_process.h"

#include <atomic>
#include <random>
#include <thread>

namespace apbfarm::proofs {

namespace {

using namespace failing;

constexpr std::uint64_t kQuick = 300, kFull = 20'000;
constexpr unsigned kFarms = 2;                // at once
constexpr int kFailures = 30;

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
        std::vector<std::jthread> farms;
        for (unsigned i = 0; i < kFarms; ++i)
            farms.emplace_back([this] { work(); });
        farms.clear();
        sayFigures();
    }

private:
    void work()
    {
        const auto& words = options_.words;
        // A count and a seed make the same cases wherever they are given.
        const auto kept = words.empty() && !options_.count ? kKept.size() : 0;
        const auto count = !words.empty()  ? options_.count.value_or(1) * words.size()
                           : options_.time ? UINT64_MAX
                                           : kept + options_.size(kQuick, kFull);
        const auto begin = std::chrono::steady_clock::now();
        for (auto i = next_++; i < count && failures_ < kFailures; i = next_++) {
            if (options_.time && std::chrono::steady_clock::now() - begin > *options_.time)
                return;
            if (!words.empty())
                tryOne(seed_, faultFrom(words[i % words.size()]));
            else if (i < kept)
                tryOne(seed_, faultFrom(std::string(kKept[i])));
            else
                tryOne(seed_ + i - kept, faultOf(seed_ + i - kept, counts_));
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
                line += std::to_string(counts_[phase][i]) + " " + std::string(kPhaseNames[phase]) + ", ";
            tally_.say(line + std::to_string(sums_[i].cases) + " cases, a call failed in " +
                       std::to_string(sums_[i].failed) + ", the farm ended in " + std::to_string(sums_[i].ends));
        }
    }

    const Options& options_;
    Tally& tally_;
    std::uint64_t seed_;
    Counts counts_{};
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

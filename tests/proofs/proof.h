// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::proofs {

/// What the command line of one run says.
struct Options {
    bool quick = false;                         ///< a size for every change instead of the size for a release
    std::optional<std::uint64_t> count;         ///< cycles, images, seeds, requests: what the proof counts
    std::optional<std::uint64_t> seed;          ///< of the first case; the same seed makes the same case
    std::optional<std::chrono::seconds> time;   ///< ends after this time instead of after a count
    std::vector<std::string> words;             ///< what is meant for the proof itself, for example one fuzz target

    /// `count` if it was given, else the size for a quick or a full run.
    std::uint64_t size(std::uint64_t forQuick, std::uint64_t forFull) const
    {
        return count.value_or(quick ? forQuick : forFull);
    }
};

/// What came out of a run. Any thread.
class Tally {
public:
    void passed(std::uint64_t cases = 1);
    /// Prints `what` at once, with how to run the case again, for example "seed 17: build 3 was sent twice".
    void failed(std::string_view what);
    /// Adds the case to what passed or failed. \return `good`
    bool expect(bool good, std::string_view what);
    /// A line of the run's output that is neither: figures, seeds, what was left out.
    void say(std::string_view line);

    std::uint64_t passes() const;
    std::uint64_t failures() const;

private:
    mutable std::mutex mutex_;
    std::uint64_t passes_ = 0;
    std::uint64_t failures_ = 0;
};

/// One sub-command of the program.
struct Proof {
    std::string_view name;
    std::string_view shows;   ///< one line for `--help`
    std::function<void(const Options&, Tally&)> run;   ///< what it throws is a failure
};

/// Every proof, in the order of `--help`. One line each in catalogue.cpp.
const std::vector<Proof>& catalogue();

}

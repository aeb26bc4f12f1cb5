// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/calls.h"

#include <array>
#include <cstdint>
#include <string>

namespace apbfarm::proofs::failing {

/// When in the life of a farm the call is made.
enum class Phase {
    FirstStart,      ///< on an empty folder, until it listens
    Serving,         ///< builds are submitted, handed over, built, read, cancelled
    Restart,         ///< after a kill, with builds under way, until it listens and goes on
    Stopping         ///< from SIGTERM on
};
inline constexpr std::size_t kPhases = 4;
inline constexpr std::array<std::string_view, kPhases> kPhaseNames{"first", "serving", "restart", "stopping"};

/// The calls of a clean run.
using Counts = std::array<std::array<std::uint64_t, kCalls>, kPhases>;

inline constexpr std::uint64_t kUntilHealed = UINT64_MAX;

/// What goes wrong in one case.
struct Fault {
    Phase phase = Phase::Serving;
    Call call = Call::Memory;
    std::uint64_t number = 1;        ///< the first call that fails, counted from the beginning of the phase
    std::int32_t error = 0;
    std::uint64_t times = 1;         ///< so many calls fail
    /// There is no call that could fail.
    bool isNone() const { return times == 0; }
    bool lasts() const { return times == kUntilHealed; }
    /// D9: what was lost cannot be known, so the farm may end, with a word.
    bool mayEndTheFarm() const;
};

/// Follows from the seed and the counts alone.
Fault faultOf(std::uint64_t seed, const Counts& counts);
/// "serving:write:17:ENOSPC:1", and back. Throws for what is none.
std::string toWord(const Fault& fault);
Fault faultFrom(const std::string& word);

}

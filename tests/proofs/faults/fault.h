// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/calls.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

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

/// The places that calls come from in a clean run.
using Places = std::array<std::array<std::vector<std::uint64_t>, kCalls>, kPhases>;

inline constexpr std::uint64_t kUntilHealed = UINT64_MAX;

/// What goes wrong in one case.
struct Fault {
    Phase phase = Phase::Serving;
    Call call = Call::Memory;
    std::uint64_t place = 0;         ///< the first call from there fails; 0: the one that `number` says
    std::uint64_t number = 1;        ///< the first call that fails, counted from the beginning of the phase
    std::int32_t error = 0;
    std::uint64_t times = 1;         ///< so many calls fail
    /// There is no call that could fail.
    bool isNone() const { return times == 0; }
    bool lasts() const { return times == kUntilHealed; }
    /// D9: what was lost cannot be known, so the farm may end, with a word.
    bool mayEndTheFarm() const;
};

/// Follows from the seed and the rest alone. Half of them are by place, so that those that are passed seldom count as
/// much as a loop.
Fault faultOf(std::uint64_t seed, const Counts& counts, const Places& places);
/// One at each place for each error that may come from there.
std::vector<Fault> faultsAt(const Places& places);
/// One at each place whose calls may fail many times in a row.
std::vector<Fault> burstsAt(const Places& places);
/// "serving:write:17:ENOSPC:1" or "serving:write:@5f3a:ENOSPC:1", and back. Throws for what is none. A place means
/// something to one build of the daemon only.
std::string toWord(const Fault& fault);
Fault faultFrom(const std::string& word);

}

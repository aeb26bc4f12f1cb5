// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

/// The border between the proof and the simulated farm. The farm's own sources are compiled a second time for the
/// simulator with another name for their namespace, so only what both sides spell alike may stand here.
namespace simulation {

constexpr std::size_t kStates = 8;    ///< of a build
constexpr std::size_t kEvents = 15;   ///< of its life

/// How often each kind of event met each state, and what came of it.
struct Coverage {
    std::array<std::array<std::uint64_t, kEvents>, kStates> events{};
    std::array<std::array<std::uint64_t, kStates>, kStates> steps{};   ///< stored: from, to
    std::uint64_t crashes = 0, handOvers = 0, cancels = 0, builds = 0, switches = 0;

    void add(const Coverage& other);
};

struct Case {
    std::uint64_t seed = 0;
    bool sqlite = false;                 ///< on the real SQLite storage instead of the simulated one
    bool trace = false;                  ///< prints what happens
    std::filesystem::path folder = {};   ///< for the database; made and emptied by the caller
};

/// Plays one case to its end. \return what was broken first; empty: nothing. Any thread, several at once.
std::string play(const Case& which, Coverage& coverage);

const char* stateName(std::size_t state);
const char* eventName(std::size_t event);

}

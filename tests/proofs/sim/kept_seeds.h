// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace apbfarm::proofs {

/// Seeds that have found something once; every run plays them first.
struct KeptSeed {
    std::uint64_t seed;
    bool sqlite;
};

inline constexpr std::array<KeptSeed, 8> kKeptSeeds{{
    {99425, false},     // what a step asked for came after the end of its build: a slot was never free again
    {1000173, false},   // a write of a farm that was gone came late: its successor learnt of it a quarter of an hour later
    {493572, false},    // a hand-over that the end of the farm cut short arrived 30 s later, after two 404s
    {2361034, false},   // the same
    {10445715, false},  // a server that a build had left was asked about it, and its words were believed
    {10859361, false},  // the same
    {11823118, false},  // the same, after the build was released
    {1386339, false},   // two servers claimed the same build of others at the same time
}};

}

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

inline constexpr std::array<KeptSeed, 3> kKeptSeeds{{
    {99425, false},     // what a step asked for came after the end of its build: a slot was never free again
    {1000173, false},   // a write of a farm that was gone came late: its successor learnt of it a quarter of an hour later
    {1386339, false},   // two servers claimed the same build of others at the same time
}};

}

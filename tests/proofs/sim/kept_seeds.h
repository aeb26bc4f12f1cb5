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

inline constexpr std::array<KeptSeed, 1> kKeptSeeds{{
    {99425, false},   // what a step asked for came after the end of its build: a slot was never free again
}};

}

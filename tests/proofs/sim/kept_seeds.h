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

inline constexpr std::array<KeptSeed, 0> kKeptSeeds{};

}

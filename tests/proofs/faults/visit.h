// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/fault.h"

#include <string>
#include <vector>

namespace apbfarm::proofs::failing {

/// What became of one farm.
struct Outcome {
    std::vector<std::string> complaints;
    Counts made{};
    Places places;                   ///< only without a fault
    std::uint64_t failed = 0;        ///< calls
    int ends = 0;                    ///< how often the farm ended because of them
    std::string story;               ///< where the first one failed, and the farm's log; only with complaints
};

/// A new farm with one server goes through its life, with one fault in it; then everything that it acknowledged is
/// looked for. A fault that is none leaves nothing out, for counting.
Outcome visit(std::uint64_t seed, const Fault& fault);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Q8: each parser of what comes from outside, with clang's fuzzer and its checks for memory and undefined behaviour.
/// A word names one target.
void fuzz(const Options& options, Tally& tally);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Seeded cases of the farm's core in virtual time (D1 to D6, D8, D9, L1 to L4, L7 to L9, S4). Words: "sqlite" plays
/// every case on the real storage; a number is that of threads.
void sim(const Options& options, Tally& tally);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// A recorded run of the real daemon, cut by the power at every moment, with all that a disk may lose (D1 to D3, D5,
/// D7, D8).
void powerloss(const Options& options, Tally& tally);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Q11, Z1: every route of the running farm by every method and every kind of caller. A word chooses the routes whose
/// path holds it.
void access(const Options& options, Tally& tally);

}

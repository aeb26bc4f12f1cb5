// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// The n-th call of a kind fails in the real daemon, once or until there is room again (D1, D3 to D5, D7 to D10). Words are
/// faults, such as it prints; or "places:" and how such words begin: one at every place that calls come from; or
/// "bursts:": many in a row there.
void faults(const Options& options, Tally& tally);

}

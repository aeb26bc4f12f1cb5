// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Builds without end, with people, viewers, failures, cancels, packages and sweeping: the daemon needs no more memory,
/// descriptors or threads after the millionth build than after the thousandth.
void soak(const Options& options, Tally& tally);

}

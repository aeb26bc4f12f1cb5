// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// kill -9 of the real daemon, thousands of times, while people use it (D1 to D5, D7, D8, L1, L3, L7, L13).
void crash(const Options& options, Tally& tally);

/// The time from its start until it serves again, after a kill, with a hundred thousand builds in its database.
void readyAgain(const Options& options, Tally& tally);

}

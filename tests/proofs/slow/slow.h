// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Crowds that hold connections with unfinished heads, crawling bodies and unread answers, thousands of viewers of one
/// log, storms of log-ins, floods: whoever behaves is answered as if they were not there.
void slow(const Options& options, Tally& tally);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Q7: every kept request gets exactly the answers that it must, and where requests end is seen alike by the farm, by
/// nginx and by HAProxy in front of it. `--count` is the number of streams; a word names one kept request.
void http(const Options& options, Tally& tally);

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

namespace apbfarm::proofs {

/// Q13: secrets are put in through every input and looked for in everything that the farm wrote or sent (C1, C2), its
/// files are its own (O2, X8), and log-ins of all kinds of accounts take the same time (U4). The words `canaries` and
/// `logins` choose one of the two halves; `--count` is the number of tries per kind of account.
void secrets(const Options& options, Tally& tally);

void searchForCanaries(const char* logFormat, Tally& tally);
void compareLogins(const Options& options, Tally& tally);

}

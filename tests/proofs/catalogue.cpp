// SPDX-License-Identifier: MIT
#include "proofs/proof.h"

namespace apbfarm::proofs {

const std::vector<Proof>& catalogue()
{
    static const std::vector<Proof> proofs{
    };
    return proofs;
}

}

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

#include <cstdint>
#include <string>

namespace apbfarm::proofs {

/// Every kind of trouble between farm and servers, or between farm and clients: nothing is lost, nothing built twice
/// (D3, D4, D5, D8, L2, L3, L5, L7, L13). Words: the kinds to try.
void net(const Options& options, Tally& tally);

/// A program of its own: passes connections on to `target`, writes its port into `file`, ends when it is killed.
void relay(std::uint16_t target, const std::string& file);

}

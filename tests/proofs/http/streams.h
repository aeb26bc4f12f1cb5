// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/http/kept.h"

#include <cstdint>
#include <string>
#include <vector>

namespace apbfarm::proofs {

/// Makes byte streams that two readers may cut into different requests: kept requests one behind the other, with bytes
/// changed, left out and put in where it hurts.
class Streams {
public:
    explicit Streams(const std::vector<KeptRequest>& kept);

    /// The same number makes the same stream.
    std::string make(std::uint64_t number) const;

private:
    std::vector<std::string> pieces_;
};

}

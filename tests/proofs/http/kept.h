// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace apbfarm::proofs {

/// A request, or several in a row, of `tests/proofs/http/corpus`. The folder says which answers it gets.
struct KeptRequest {
    std::string name;       ///< "400/two-hosts"
    std::string answers;    ///< "400", "200-404", or "none": the connection ends without one
    std::string bytes;
};

/// In the order of their names.
std::vector<KeptRequest> keptRequests();

}

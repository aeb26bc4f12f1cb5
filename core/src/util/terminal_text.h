// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace apbfarm::util {

/// A line as it was meant for a terminal, without the sequences that colour it or move the cursor (ECMA-48).
std::string withoutEscapes(std::string_view line);

} // namespace apbfarm::util

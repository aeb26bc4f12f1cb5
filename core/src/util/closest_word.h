// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::util {

/// The one of `words` that `typed` was most likely meant to be; empty when none is close.
std::string closestTo(std::string_view typed, const std::vector<std::string>& words);

} // namespace apbfarm::util

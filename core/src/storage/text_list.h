// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::storage {

/// Lists of texts in one column, as a JSON array; empty text for an empty list.
std::string encodeList(const std::vector<std::string>& list);
/// Anything that is not such an array gives an empty list.
std::vector<std::string> decodeList(std::string_view json);

} // namespace apbfarm::storage

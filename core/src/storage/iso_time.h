// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <optional>
#include <string_view>

namespace apbfarm::storage {

/// A time as existing databases may hold it in text: ISO 8601 with or without fraction and offset (none means UTC), or
/// a number of seconds. Empty for anything else.
std::optional<Timestamp> parseStoredTime(std::string_view text);

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT"; the process's locale does not matter.
std::string httpDate(std::time_t time);

/// Only that form; empty for all else.
std::optional<std::time_t> parseHttpDate(std::string_view text);

} // namespace apbfarm::http

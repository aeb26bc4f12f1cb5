// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::util {

bool isUtf8(std::string_view text);
/// Bytes that are not UTF-8 become U+FFFD.
std::string toUtf8(std::string_view bytes);

/// One printable line: control bytes, line separators and bidirectional controls become escapes; at most `limit`
/// bytes are kept. For log lines and for texts from build servers.
std::string oneLine(std::string_view text, std::size_t limit = 2048);

/// Nothing but ASCII digits, and at most `max`.
std::optional<std::uint64_t> parseUnsigned(std::string_view text, std::uint64_t max = UINT64_MAX);

/// Between separators, blanks around each piece removed, empty pieces left out.
std::vector<std::string> splitList(std::string_view text, char separator);
std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::string_view trim(std::string_view text);
std::string toLower(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// "2024-01-20T10:00:00Z"
std::string isoTime(double epochSeconds);

} // namespace apbfarm::util

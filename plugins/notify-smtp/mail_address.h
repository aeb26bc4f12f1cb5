// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace smtp {

/// Fit for an SMTP command and a header (M2): ASCII, at most 254 bytes, one `@`, a plain domain, none of the
/// characters that end or join addresses.
bool isMailAddress(std::string_view text);

/// A host name or an IP address.
bool isHostName(std::string_view text);

/// At most `limit` bytes of valid UTF-8 without control characters.
bool isOneLine(std::string_view text, std::size_t limit);

} // namespace smtp

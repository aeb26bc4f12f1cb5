// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace directory {

/// For a place in a search filter (RFC 4515): nothing in it means anything but itself.
std::string escapedForFilter(std::string_view value);

/// For the value of an attribute in a distinguished name (RFC 4514).
std::string escapedForDn(std::string_view value);

/// Every `placeholder` in `text` becomes `value`, which is not looked at again.
std::string filled(std::string_view text, std::string_view placeholder, std::string_view value);

/// Visible ASCII. Directories ignore much else when they compare names, so that one person would have many.
bool isName(std::string_view name);

std::string lowerCase(std::string_view text);

} // namespace directory

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace apbfarm::http {

/// A character of an RFC 9110 token: of methods, field names, parameter names.
constexpr bool isTokenChar(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

inline constexpr auto kTokenChars = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c)
        table[static_cast<std::size_t>(c)] = isTokenChar(static_cast<char>(c));
    return table;
}();

inline bool isToken(std::string_view text)
{
    for (const char c : text)
        if (!kTokenChars[static_cast<unsigned char>(c)])
            return false;
    return !text.empty();
}

/// C0 controls and DEL. TAB counts as one.
constexpr bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// Whether the text may stand in a header value: no control but TAB (H3, H20).
inline bool isHeaderValue(std::string_view text)
{
    for (const char c : text)
        if (isControl(c) && c != '\t')
            return false;
    return true;
}

/// -1 when it is none.
constexpr int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "ldap_text.h"

#include <algorithm>

namespace directory {

namespace {

constexpr std::size_t kLongestName = 100;

void appendHex(std::string& text, char byte)
{
    constexpr char digits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    text += {'\\', digits[value >> 4], digits[value & 15]};
}

template <class Harmless> std::string escaped(std::string_view value, Harmless harmless)
{
    std::string text;
    for (const char c : value)
        if (harmless(c))
            text += c;
        else
            appendHex(text, c);
    return text;
}

bool isVisible(char c)
{
    return c > 0x20 && c < 0x7f;
}

bool isOneOf(char c, std::string_view set)
{
    return set.find(c) != set.npos;
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string escapedForFilter(std::string_view value)
{
    return escaped(value, [](char c) { return isVisible(c) && !isOneOf(c, "*()\\{}"); });
}

std::string escapedForDn(std::string_view value)
{
    return escaped(value, [](char c) { return isVisible(c) && !isOneOf(c, "\",#+;<=>\\{}"); });
}

std::string filled(std::string_view text, std::string_view placeholder, std::string_view value)
{
    std::string whole;
    for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder)) {
        whole.append(text.substr(0, at)).append(value);
        text.remove_prefix(at + placeholder.size());
    }
    return whole.append(text);
}

bool isName(std::string_view name)
{
    return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, isVisible);
}

std::string lowerCase(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

} // namespace directory

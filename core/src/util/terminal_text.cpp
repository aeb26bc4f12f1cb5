// SPDX-License-Identifier: MIT
#include "util/terminal_text.h"

#include <algorithm>

namespace apbfarm::util {

namespace {

/// The length of the sequence at the start of `text`, which begins with ESC.
std::size_t escapeLength(std::string_view text)
{
    if (text.size() < 2)
        return text.size();
    const auto isFinal = [](char c) { return c >= 0x40 && c <= 0x7e; };
    if (text[1] == '[') {
        std::size_t end = 2;
        while (end < text.size() && !isFinal(text[end]))
            ++end;
        return std::min(end + 1, text.size());
    }
    if (text[1] == ']' || text[1] == 'P' || text[1] == 'X' || text[1] == '^' || text[1] == '_') {
        const auto bell = text.find('\a');
        const auto terminator = text.find("\x1b\\", 2);
        if (terminator < bell)
            return terminator + 2;
        return bell == text.npos ? text.size() : bell + 1;
    }
    // "ESC ( B" and the like have one byte more.
    return std::min<std::size_t>(text[1] >= 0x20 && text[1] <= 0x2f ? 3 : 2, text.size());
}

} // namespace

std::string withoutEscapes(std::string_view line)
{
    std::string text;
    while (!line.empty()) {
        const auto escape = std::min(line.find('\x1b'), line.size());
        text += line.substr(0, escape);
        line.remove_prefix(escape);
        if (!line.empty())
            line.remove_prefix(escapeLength(line));
    }
    return text;
}

} // namespace apbfarm::util

// SPDX-License-Identifier: MIT
#include "hook_text.h"

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

#include <algorithm>

namespace webhook {

namespace {

constexpr auto kUnreadable = "\xEF\xBF\xBD";   // U+FFFD
constexpr auto kEllipsis = "\xE2\x80\xA6";

bool isInvisible(int c)
{
    const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    const bool direction = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return control || direction || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

void append(std::string& text, const Poco::TextEncoding& encoding, int c)
{
    unsigned char bytes[4];
    const int size = encoding.convert(c, bytes, sizeof bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(std::max(size, 0)));
}

template <class Replace> std::string replaced(std::string_view text, Replace&& replace)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const std::string_view other = replace(c);
        other.empty() ? out.push_back(c) : void(out.append(other));
    }
    return out;
}

} // namespace

std::string cleanText(std::string_view text, std::size_t limit)
{
    static const Poco::UTF8Encoding utf8;
    const std::string whole(text);
    std::string out;
    std::size_t count = 0;
    const Poco::TextIterator end(whole);
    for (Poco::TextIterator at(whole, utf8); at != end; ++at) {
        const int c = *at;
        if (c >= 0 && isInvisible(c))
            continue;
        if (++count == limit)
            return out + kEllipsis;
        c < 0 ? void(out.append(kUnreadable)) : append(out, utf8, c);
    }
    return out;
}

std::string cleanLine(std::string_view text, std::size_t limit)
{
    auto line = cleanText(text, limit);
    std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

std::string escapeHtml(std::string_view text)
{
    return replaced(text, [](char c) -> std::string_view {
        switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        case '\n': return "<br/>";
        default: return {};
        }
    });
}

std::string escapeSlack(std::string_view text)
{
    return replaced(text, [](char c) -> std::string_view {
        switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        default: return {};
        }
    });
}

std::string escapeDiscord(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\*_~`|>#[]()<@:-+.").find(c) != std::string_view::npos)
            out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

} // namespace webhook

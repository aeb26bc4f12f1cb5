// SPDX-License-Identifier: MIT
#include "util/text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace apbfarm::util {

namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`, or 0. Unicode 15, table 3-7.
std::size_t sequenceLength(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto within = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return within(1, 0x80, 0xbf) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = first == 0xed ? 0x9f : 0xbf;
        return within(1, low, high) && within(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const unsigned low = first == 0xf0 ? 0x90 : 0x80;
        const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
        return within(1, low, high) && within(2, 0x80, 0xbf) && within(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

/// U+2028, U+2029, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: they reorder or break lines.
bool isLineOrBidiControl(std::string_view sequence)
{
    if (sequence.size() != 3 || sequence[0] != '\xe2')
        return false;
    const auto second = static_cast<unsigned char>(sequence[1]);
    const auto third = static_cast<unsigned char>(sequence[2]);
    if (second == 0x80)
        return third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae);
    return second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

void appendEscaped(std::string& out, unsigned char byte)
{
    char escape[5];
    std::snprintf(escape, sizeof escape, "\\x%02x", byte);
    out += escape;
}

bool isAsciiPrintable(char c)
{
    return c >= 0x20 && c < 0x7f;
}

} // namespace

bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const auto length = sequenceLength(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string toUtf8(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto length = sequenceLength(bytes);
        if (length == 0)
            text += "\xef\xbf\xbd";
        else
            text.append(bytes.substr(0, length));
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

std::string oneLine(std::string_view text, std::size_t limit)
{
    std::string line;
    while (!text.empty() && line.size() < limit) {
        const auto length = sequenceLength(text);
        const auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
        const bool plain = length > 1 ? !isLineOrBidiControl(sequence) && !(sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0)
                                      : isAsciiPrintable(sequence[0]);
        if (plain)
            line.append(sequence);
        else
            for (const unsigned char byte : sequence)
                appendEscaped(line, byte);
        text.remove_prefix(sequence.size());
    }
    return line;
}

std::optional<std::uint64_t> parseUnsigned(std::string_view text, std::uint64_t max)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max)
        return std::nullopt;
    return value;
}

std::vector<std::string> splitList(std::string_view text, char separator)
{
    std::vector<std::string> pieces;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (const auto piece = trim(text.substr(0, end)); !piece.empty())
            pieces.emplace_back(piece);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pieces;
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator)
{
    std::string text;
    for (const auto& piece : pieces) {
        if (!text.empty())
            text.append(separator);
        text += piece;
    }
    return text;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string toLower(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return lower;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) {
        const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
        return low(x) == low(y);
    });
}

std::string isoTime(double epochSeconds)
{
    const auto seconds = static_cast<std::time_t>(epochSeconds);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

} // namespace apbfarm::util

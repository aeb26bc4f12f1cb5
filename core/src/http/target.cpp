// SPDX-License-Identifier: MIT
#include "http/target.h"

#include "http/characters.h"
#include "http/protocol_errors.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::http {

namespace {

constexpr std::size_t kMaxQueryPairs = 64;

[[noreturn]] void refuse(const char* what)
{
    throw badRequest(what, "bad_target");
}

void decodeInto(std::string_view text, bool plusIsSpace, std::string& out)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plusIsSpace) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
            if (low < 0)
                refuse("A percent sign in the target is not followed by two hex digits.");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void decodeSegment(std::string_view text, std::string& out)
{
    if (text.find('%') == std::string_view::npos) {
        out.assign(text);
    } else {
        decodeInto(text, false, out);
        if (out.find_first_of("/\\") != std::string::npos)
            refuse("A path segment holds an encoded slash.");
        if (std::any_of(out.begin(), out.end(), isControl))
            refuse("A path segment holds an encoded control character.");
        if (!isAscii(out) && !util::isUtf8(out))
            refuse("The path is not UTF-8.");
    }
    if (out == "." || out == "..")
        refuse("The path holds a dot segment.");
}

void splitPath(std::string_view path, std::vector<std::string>& segments)
{
    path.remove_prefix(1);
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        if (slash == 0)
            refuse("The path holds an empty segment.");
        decodeSegment(path.substr(0, slash), segments.emplace_back());
        const bool trailing = slash + 1 == path.size();
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (trailing)
            segments.emplace_back();
    }
}

/// What may stand in a target undecoded: printable ASCII, and no fragment or backslash.
bool isTargetChar(char c)
{
    return c > 0x20 && c < 0x7f && c != '#' && c != '\\';
}

} // namespace

void parsePairs(std::string_view text, std::size_t maxPairs, bool allowLineEnds,
                std::vector<std::pair<std::string, std::string>>& pairs)
{
    const auto isBad = [allowLineEnds](char c) {
        return isControl(c) && !(allowLineEnds && (c == '\r' || c == '\n' || c == '\t'));
    };
    const auto decoded = [&](std::string_view piece) {
        std::string out;
        decodeInto(piece, true, out);
        if (std::any_of(out.begin(), out.end(), isBad) || (!isAscii(out) && !util::isUtf8(out)))
            refuse("A parameter is not clean UTF-8 text.");
        return out;
    };
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        if (pair.empty())
            continue;
        if (pairs.size() == maxPairs)
            refuse("There are too many parameters.");
        const auto equals = std::min(pair.find('='), pair.size());
        pairs.emplace_back(decoded(pair.substr(0, equals)),
                           decoded(pair.substr(std::min(equals + 1, pair.size()))));
    }
}

void parseTarget(std::string_view text, Target& target)
{
    target.clear();
    if (text.empty() || text.front() != '/')
        refuse("The target must be a path that begins with a slash.");
    if (!std::all_of(text.begin(), text.end(), isTargetChar))
        refuse("The target holds characters that must be percent-encoded.");
    const auto question = std::min(text.find('?'), text.size());
    splitPath(text.substr(0, question), target.segments);
    if (question == text.size())
        return;
    parsePairs(text.substr(question + 1), kMaxQueryPairs, false, target.query);
    for (auto pair = target.query.begin(); pair != target.query.end(); ++pair)
        if (std::any_of(target.query.begin(), pair, [&](const auto& earlier) { return earlier.first == pair->first; }))
            throw badRequest("The parameter \"" + util::oneLine(pair->first, 64) + "\" is given twice.",
                             "repeated_parameter");
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "package/shell_cursor.h"

#include "package/shell_expansion.h"

#include <algorithm>
#include <array>
#include <utility>

namespace apbfarm::package {

namespace {

// What is open while nested text is skipped, innermost last.
constexpr char kCommands = ')';
constexpr char kBraces = '}';
constexpr char kQuotes = '"';
constexpr char kBackticks = '`';
constexpr char kArithmetic = '+';

bool beginsWord(char before)
{
    return before == ' ' || before == '\t' || before == '\n' || before == ';' || before == '(' || before == '&'
        || before == '|';
}

constexpr std::array<bool, 256> plainCharacters()
{
    std::array<bool, 256> plain{};
    plain.fill(true);
    for (const unsigned char c :
         {'\0', ' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>', '\\', '\'', '"', '$', '`', '{', '}', ','})
        plain[c] = false;
    return plain;
}

bool endsDelimiter(char c)
{
    return c == '\0' || c == '\n' || c == ' ' || c == '\t' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>'
        || c == '(' || c == ')';
}

/// Behind the `]` of the index that begins at `open`. An index ends at the next `[`, too, so that no character is
/// looked at for more than one of them (K3).
std::size_t indexEnd(std::string_view text, std::size_t open)
{
    const auto end = std::min(text.find_first_of("[]\n", open + 1), text.size());
    return end < text.size() && text[end] == ']' ? end + 1 : end;
}

} // namespace

void ShellCursor::skipBlanks()
{
    for (;;) {
        const char c = peek();
        if (c == ' ' || c == '\t')
            advance();
        else if (c == '\\' && peek(1) == '\n')
            advance(2);
        else
            return;
    }
}

std::string_view ShellCursor::takeName()
{
    const auto length = shellNameLength(text_.substr(at_));
    looks_ += length;
    advance(length);
    return text_.substr(at_ - length, length);
}

std::string_view ShellCursor::takePlain()
{
    static constexpr auto kPlain = plainCharacters();
    const auto start = at_;
    while (at_ < text_.size() && kPlain[static_cast<unsigned char>(text_[at_])])
        ++at_;
    looks_ += at_ - start + 1;
    return since(start);
}

std::string_view ShellCursor::peekAssignment(std::size_t& length) const
{
    const auto rest = text_.substr(at_);
    const auto name = rest.substr(0, shellNameLength(rest));
    auto end = name.size();
    if (end > 0 && end < rest.size() && rest[end] == '[')
        end = indexEnd(rest, end);
    looks_ += end;
    if (peek(end) == '+' && peek(end + 1) == '=')
        ++end;
    length = !name.empty() && peek(end) == '=' ? end + 1 : 0;
    return name;
}

void ShellCursor::skipLine()
{
    const auto end = std::min(text_.find('\n', at_), text_.size());
    looks_ += end - at_;
    at_ = end;
}

void ShellCursor::skipNewline()
{
    advance();
    for (const auto& document : std::exchange(announced_, {}))
        skipHereDocument(document);
}

void ShellCursor::skipHereDocument(const HereDocument& document)
{
    while (!atEnd()) {
        const auto start = at_;
        skipLine();
        auto line = since(start);
        advance();
        if (document.stripTabs)
            line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
        if (line == document.delimiter)
            return;
    }
    cutOff_ = true;
}

std::string_view ShellCursor::takeSingleQuoted()
{
    const auto start = at_ + 1;
    const auto end = text_.find('\'', std::min(start, text_.size()));
    cutOff_ = cutOff_ || end == text_.npos;
    at_ = std::min(end, text_.size());
    const auto inside = text_.substr(std::min(start, text_.size()), at_ - std::min(start, at_));
    looks_ += inside.size();
    advance();
    return inside;
}

void ShellCursor::takeHereDocumentMark()
{
    advance(2);
    if (peek() == '<') {
        advance();
        return;
    }
    HereDocument document{{}, peek() == '-'};
    if (document.stripTabs)
        advance();
    skipBlanks();
    for (char c = peek(); !endsDelimiter(c); c = peek()) {
        if (c == '\'' || c == '"') {
            advance();
            while (!atEnd() && peek() != c && peek() != '\n') {
                document.delimiter += peek();
                advance();
            }
        } else if (c != '\\') {
            document.delimiter += c;
        }
        if (peek() != '\n')
            advance();
    }
    if (!document.delimiter.empty())
        announced_.push_back(std::move(document));
}

void ShellCursor::skipNested()
{
    std::string closers;
    open(closers);
    while (!closers.empty() && !atEnd()) {
        if (peek() == '\\') {
            advance(2);
        } else if (closers.back() == kBackticks) {
            if (peek() == kBackticks)
                closers.pop_back();
            advance();
        } else if (closers.back() == kQuotes) {
            stepInQuotes(closers);
        } else if (closers.back() == kBraces) {
            stepInBraces(closers);
        } else {
            stepInCommands(closers);
        }
    }
    cutOff_ = cutOff_ || !closers.empty();
}

void ShellCursor::open(std::string& closers)
{
    if (openExpansion(closers))
        return;
    const std::size_t mark = peek() == '(' ? 0 : 1;   // "<(" and ">(" have one character before the bracket
    const bool twice = mark == 0 && peek(1) == '(';
    closers += twice ? std::string(2, kArithmetic) : std::string(1, kCommands);
    advance(mark + (twice ? 2 : 1));
}

bool ShellCursor::openExpansion(std::string& closers)
{
    if (peek() == '`') {
        closers += kBackticks;
        advance();
        return true;
    }
    if (peek() != '$' || (peek(1) != '(' && peek(1) != '{'))
        return false;
    if (peek(1) == '{') {
        closers += kBraces;
        advance(2);
    } else if (peek(2) == '(') {
        closers.append(2, kArithmetic);
        advance(3);
    } else {
        closers += kCommands;
        advance(2);
    }
    return true;
}

void ShellCursor::stepInQuotes(std::string& closers)
{
    if (openExpansion(closers))
        return;
    if (peek() == '"')
        closers.pop_back();
    advance();
}

void ShellCursor::stepInBraces(std::string& closers)
{
    const bool quoted = closers.size() > 1 && closers[closers.size() - 2] == kQuotes;
    if (openExpansion(closers))
        return;
    if (peek() == '\'' && !quoted) {
        takeSingleQuoted();
        return;
    }
    if (peek() == '"')
        closers += kQuotes;
    else if (peek() == '}')
        closers.pop_back();
    advance();
}

void ShellCursor::stepInCommands(std::string& closers)
{
    const char kind = closers.back();
    const char c = peek();
    if (openExpansion(closers))
        return;
    if (c == '\'') {
        takeSingleQuoted();
    } else if (kind == kCommands && c == '\n') {
        skipNewline();
    } else if (kind == kCommands && c == '#' && beginsWord(text_[at_ - 1])) {
        skipLine();
    } else if (kind == kCommands && c == '<' && peek(1) == '<') {
        takeHereDocumentMark();
    } else {
        if (c == '"')
            closers += kQuotes;
        else if (c == '(')
            closers += kind;
        else if (c == ')')
            closers.pop_back();
        advance();
    }
}

} // namespace apbfarm::package

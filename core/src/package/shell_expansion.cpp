// SPDX-License-Identifier: MIT
#include "package/shell_expansion.h"

#include <algorithm>
#include <charconv>

namespace apbfarm::package {

namespace {

constexpr std::size_t kMaxBraceWords = 256;
constexpr std::size_t kMaxOperation = 128;   // bytes; keeps searching for a pattern cheap

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isNamePart(char c)
{
    return isNameStart(c) || (c >= '0' && c <= '9');
}

/// Means itself in a pattern as well as in a replacement.
bool isLiteral(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char c) { return isNamePart(c) || std::string_view(".-+~:,= ").find(c) != std::string_view::npos; });
}

std::string changeCase(std::string text, bool upper, bool all)
{
    for (std::size_t i = 0; i < (all ? text.size() : std::min<std::size_t>(text.size(), 1)); ++i) {
        char& c = text[i];
        if (upper && c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 32);
        else if (!upper && c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + 32);
    }
    return text;
}

ShellValue replace(const ShellValue& value, std::string_view pattern, std::string_view with, bool all)
{
    ShellValue result{{}, true, value.depth};
    std::string_view rest = value.text;
    while (!pattern.empty()) {
        const auto at = rest.find(pattern);
        if (at == rest.npos)
            break;
        result.append(rest.substr(0, at));
        result.append(with);
        rest.remove_prefix(at + pattern.size());
        if (!all)
            break;
    }
    result.append(rest);
    return result;
}

ShellValue replaceBy(const ShellValue& value, std::string_view operation)
{
    const bool all = operation.starts_with("//");
    operation.remove_prefix(all ? 2 : 1);
    const auto slash = operation.find('/');
    const auto pattern = operation.substr(0, slash);
    const auto with = slash == operation.npos ? std::string_view() : operation.substr(slash + 1);
    if (!isLiteral(pattern) || !isLiteral(with))
        return ShellValue::unknown();
    return replace(value, pattern, with, all);
}

ShellValue cut(ShellValue value, std::string_view operation)
{
    const char side = operation[0];
    operation.remove_prefix(operation.size() > 1 && operation[1] == side ? 2 : 1);
    if (!isLiteral(operation))
        return ShellValue::unknown();
    if (side == '#' && value.text.starts_with(operation))
        value.text.erase(0, operation.size());
    if (side == '%' && value.text.ends_with(operation))
        value.text.erase(value.text.size() - operation.size());
    return value;
}

} // namespace

std::size_t shellNameLength(std::string_view text)
{
    if (text.empty() || !isNameStart(text[0]))
        return 0;
    return static_cast<std::size_t>(std::ranges::find_if_not(text, isNamePart) - text.begin());
}

bool ShellExpansion::spend(std::size_t bytes)
{
    // Once it is used up nothing more is given, so that what was refused cannot be tried again at the same cost.
    const bool enough = bytes <= left_;
    left_ = enough ? left_ - bytes : 0;
    return enough;
}

std::vector<ShellValue> ShellExpansion::expand(std::string_view inside)
{
    const auto name = inside.substr(0, shellNameLength(inside));
    auto rest = inside.substr(name.size());
    const auto* variable = variables_.find(name);
    const auto chosen = variable && variable->known && !name.empty() ? select(variable->items, rest) : std::nullopt;
    if (!chosen)
        return {ShellValue::unknown()};

    std::vector<ShellValue> values;
    for (const auto& item : *chosen) {
        if (!spend(item.text.size() + kValueOverhead) || item.depth >= kMaxExpansionDepth)
            return {ShellValue::unknown()};
        values.push_back(item.known && !rest.empty() ? derive(item, rest) : item);
        values.back().depth = item.depth + 1;
    }
    return values;
}

std::optional<std::span<const ShellValue>> ShellExpansion::select(std::span<const ShellValue> items,
                                                                  std::string_view& rest)
{
    static const ShellValue kNone;
    if (rest.starts_with("[@]") || rest.starts_with("[*]")) {
        rest.remove_prefix(3);
        return items;
    }
    std::size_t index = 0;
    if (rest.starts_with("[")) {
        const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
        if (error != std::errc() || end == rest.data() + rest.size() || *end != ']')
            return std::nullopt;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
    }
    return index < items.size() ? items.subspan(index, 1) : std::span(&kNone, 1);
}

ShellValue ShellExpansion::derive(ShellValue value, std::string_view operation)
{
    if (operation.size() > kMaxOperation)
        return ShellValue::unknown();
    if (operation == ",," || operation == ",")
        return {changeCase(std::move(value.text), false, operation.size() == 2), true, value.depth};
    if (operation == "^^" || operation == "^")
        return {changeCase(std::move(value.text), true, operation.size() == 2), true, value.depth};
    if (operation[0] == '/')
        return replaceBy(value, operation);
    if (operation[0] == '#' || operation[0] == '%')
        return cut(std::move(value), operation);
    if (operation.starts_with(":-") && isLiteral(operation.substr(2)))
        return value.text.empty() ? ShellValue{std::string(operation.substr(2)), true, value.depth} : value;
    return ShellValue::unknown();
}

namespace {

/// Puts the literal characters back.
std::string unmarked(std::string_view text)
{
    std::string plain(text);
    std::ranges::replace(plain, kBraceOpen, '{');
    std::ranges::replace(plain, kBraceComma, ',');
    std::ranges::replace(plain, kBraceClose, '}');
    return plain;
}

std::vector<std::string> alternatives(std::string_view inside)
{
    std::vector<std::string> list;
    for (;;) {
        const auto comma = inside.find(kBraceComma);
        list.push_back(unmarked(inside.substr(0, comma)));
        if (comma == inside.npos)
            return list;
        inside.remove_prefix(comma + 1);
    }
}

/// Every word so far with every ending; false when that is too much.
bool extend(std::vector<std::string>& words, const std::vector<std::string>& endings)
{
    if (words.size() * endings.size() > kMaxBraceWords)
        return false;
    std::vector<std::string> longer;
    for (const auto& word : words)
        for (const auto& ending : endings) {
            if (word.size() + ending.size() > kMaxShellValue)
                return false;
            longer.push_back(word + ending);
        }
    words = std::move(longer);
    return true;
}

} // namespace

std::optional<std::vector<std::string>> expandBraces(std::string_view marked)
{
    std::vector<std::string> words{""};
    while (!marked.empty()) {
        const auto start = marked.find(kBraceOpen);
        const auto end = start == marked.npos ? start : marked.find(kBraceClose, start);
        if (end == marked.npos)
            return extend(words, {unmarked(marked)}) ? std::optional(words) : std::nullopt;

        const auto inside = marked.substr(start + 1, end - start - 1);
        if (inside.find(kBraceOpen) != inside.npos || inside.find("..") != inside.npos)
            return std::nullopt;
        auto endings = alternatives(inside);
        if (endings.size() == 1)
            endings.front() = "{" + endings.front() + "}";
        if (!extend(words, {unmarked(marked.substr(0, start))}) || !extend(words, endings))
            return std::nullopt;
        marked.remove_prefix(end + 1);
    }
    return words;
}

} // namespace apbfarm::package

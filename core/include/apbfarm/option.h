// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm {

/// What may be written as the value of an option.
enum class OptionKind {
    Text,
    Flag,     ///< true, yes, on, 1 and their opposites, in any case
    Whole,    ///< a whole number
    Number,   ///< a number, perhaps with decimals
};

/// One option: its name without the `kind.name.` prefix, its default, a line of help. The farm refuses a value that is
/// not of its kind before the extension is created.
struct OptionSpec {
    std::string name;
    std::string defaultValue;
    std::string help;
    OptionKind kind = OptionKind::Text;
    double least = -std::numeric_limits<double>::infinity();   ///< of a number
    double most = std::numeric_limits<double>::infinity();
};

/// Empty when the text is neither true nor false.
inline std::optional<bool> flagOf(std::string_view text)
{
    const auto is = [&](std::string_view word) {
        return std::ranges::equal(text, word, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
    };
    if (is("true") || is("yes") || is("on") || is("1"))
        return true;
    if (is("false") || is("no") || is("off") || is("0"))
        return false;
    return std::nullopt;
}

/// The whole text as a finite number of that type; empty when it is none.
template <class Number> std::optional<Number> numberOf(std::string_view text)
{
    Number number = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stopped != end)
        return std::nullopt;
    if constexpr (std::floating_point<Number>)
        if (!std::isfinite(number))
            return std::nullopt;
    return number;
}

/// "whole number from 1 to 30": what such an option takes, in words.
inline std::string kindInWords(const OptionSpec& option)
{
    if (option.kind == OptionKind::Text)
        return "text";
    if (option.kind == OptionKind::Flag)
        return "flag";
    const auto shown = [](double bound) {
        char text[400];   // of the largest double, and of a thousandth
        return std::string(text, std::to_chars(text, text + sizeof text, bound, std::chars_format::fixed).ptr);
    };
    const bool hasLeast = std::isfinite(option.least), hasMost = std::isfinite(option.most);
    return (option.kind == OptionKind::Whole ? "whole number" : "number") +
           (hasLeast ? (hasMost ? " from " : " of at least ") + shown(option.least) : std::string()) +
           (hasMost ? (hasLeast ? " to " : " of at most ") + shown(option.most) : std::string());
}

/// Empty when `value` is one that `option` takes, else what it takes: "a whole number from 1 to 30".
inline std::optional<std::string> wrongWith(const OptionSpec& option, std::string_view value)
{
    const auto within = [&](auto number) { return number && *number >= option.least && *number <= option.most; };
    switch (option.kind) {
    case OptionKind::Flag:
        return flagOf(value) ? std::nullopt : std::optional<std::string>("true or false");
    case OptionKind::Whole:
        return within(numberOf<std::int64_t>(value)) ? std::nullopt : std::optional("a " + kindInWords(option));
    case OptionKind::Number:
        return within(numberOf<double>(value)) ? std::nullopt : std::optional("a " + kindInWords(option));
    case OptionKind::Text:
        break;
    }
    return std::nullopt;
}

} // namespace apbfarm

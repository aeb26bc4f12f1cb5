// SPDX-License-Identifier: MIT
#pragma once

#include "package/shell_variables.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

/// Computes what `$name` and `${...}` stand for, without running anything.
///
/// Knows plain names, indexes, `[@]`, `,,` `^^` and `#` `%` `/` `:-` with literal patterns; all else is unknown. The
/// sum of what it gives out is limited, so that a small file cannot ask for much work.
class ShellExpansion {
public:
    explicit ShellExpansion(const ShellVariables& variables) : variables_(variables) {}

    /// `inside` is what stands between `${` and `}`, or the name behind `$`. One value, or several for `[@]`.
    std::vector<ShellValue> expand(std::string_view inside);

    /// Takes `bytes` from what may still be given out; false when too little is left.
    bool spend(std::size_t bytes);

private:
    static std::optional<std::span<const ShellValue>> select(std::span<const ShellValue> items, std::string_view& rest);
    static ShellValue derive(ShellValue value, std::string_view operation);

    const ShellVariables& variables_;
    std::size_t left_ = kMaxExpandedText;
};

/// Length of the shell name at the start, 0 when there is none.
std::size_t shellNameLength(std::string_view text);

// How an unquoted `{`, `,` and `}` is kept apart from a quoted one until braces are expanded.
inline constexpr char kBraceOpen = '\1';
inline constexpr char kBraceComma = '\2';
inline constexpr char kBraceClose = '\3';

/// The words that `a{b,c}d` stands for. Empty when it is nested, a sequence or too much.
std::optional<std::vector<std::string>> expandBraces(std::string_view marked);

} // namespace apbfarm::package

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Texts of the configuration to values. All throw `BadValue`, which says what was expected.
namespace apbfarm::app {

/// "a duration such as 500ms, 5s, 2m, 1h": continues the words "expected ...".
class BadValue : public std::runtime_error {
public:
    explicit BadValue(const std::string& expected) : std::runtime_error(expected) {}
};

/// true, yes, on and their opposites, in any case.
bool parseFlag(std::string_view text);

std::int64_t parseWhole(std::string_view text, std::int64_t least, std::int64_t most);

/// A whole number followed by ms, s, m, h or d; a plain number is seconds.
std::chrono::milliseconds parseDuration(std::string_view text, std::chrono::milliseconds least,
                                        std::chrono::milliseconds most);

/// Bytes: a whole number, optionally followed by KB, MB or GB (of 1024).
std::uint64_t parseSize(std::string_view text);

/// One of `words`, in any case; its place among them.
std::size_t parseChoice(std::string_view text, const std::vector<std::string>& words);

} // namespace apbfarm::app

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace apbfarm::fuzz {

/// Each target defines it. Returns for every input whatsoever; what leaves it as an exception is a finding.
void tryInput(std::string_view bytes);

/// Ends the program as a crash does.
inline void require(bool holds, const char* rule)
{
    if (holds)
        return;
    std::fprintf(stderr, "VIOLATED: %s\n", rule);
    std::abort();
}

/// Calls `feed` with one piece after the other. A `size` of 0 gives all at once.
template <class F> void inPieces(std::string_view bytes, std::size_t size, F&& feed)
{
    const auto step = size == 0 ? bytes.size() : size;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
        feed(bytes.substr(0, step));
}

/// Pieces of one byte, and of a size that the input itself chooses.
inline std::array<std::size_t, 2> pieceSizes(std::string_view bytes)
{
    std::size_t sum = 2;
    for (const unsigned char byte : bytes)
        sum = sum * 31 + byte;
    return {1, 2 + sum % 61};
}

inline bool isMadeOf(std::string_view text, std::string_view characters)
{
    return text.find_first_not_of(characters) == text.npos;
}

inline bool hasControls(std::string_view text, std::string_view allowed = {})
{
    return std::any_of(text.begin(), text.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 || byte == 0x7f) && allowed.find(c) == allowed.npos;
    });
}

inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

inline std::string joined(std::initializer_list<std::string_view> sets)
{
    std::string all;
    for (const auto set : sets)
        all += set;
    return all;
}

}

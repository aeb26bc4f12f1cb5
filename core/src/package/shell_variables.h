// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

inline constexpr std::size_t kMaxShellValue = 64 << 10;     // bytes
inline constexpr int kMaxExpansionDepth = 16;
inline constexpr std::size_t kMaxExpandedText = 1 << 20;    // bytes that expansions may add in one file
inline constexpr std::size_t kValueOverhead = 16;           // bytes that each value counts beyond its text

/// Text, or the knowledge that only running the file would tell it.
struct ShellValue {
    std::string text;        ///< empty when unknown
    bool known = true;
    int depth = 0;           ///< longest chain of expansions it is made of

    static ShellValue unknown() { return {{}, false, 0}; }
    void forget() { *this = unknown(); }
    void append(std::string_view more);
    void append(const ShellValue& other);
};

/// A scalar is an array of one.
struct ShellVariable {
    std::vector<ShellValue> items;
    bool known = true;       ///< false: not even the number of items is known

    static ShellVariable unknown() { return {{}, false}; }
};

/// What a file has assigned so far. Names it has not assigned are unknown, never empty: the environment may set them.
class ShellVariables {
public:
    void assign(std::string_view name, ShellVariable value);
    void append(std::string_view name, ShellVariable value);
    void appendText(std::string_view name, const ShellValue& value);
    void forget(std::string_view name) { assign(name, ShellVariable::unknown()); }
    void erase(std::string_view name);

    /// Null when the file never assigned it.
    const ShellVariable* find(std::string_view name) const;

private:
    std::map<std::string, ShellVariable, std::less<>> variables_;
};

} // namespace apbfarm::package

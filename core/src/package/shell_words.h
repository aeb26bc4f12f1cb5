// SPDX-License-Identifier: MIT
#pragma once

#include "package/shell_cursor.h"
#include "package/shell_expansion.h"

#include <string>
#include <vector>

namespace apbfarm::package {

/// Reads one shell word at a time and computes its value as far as that is possible without running anything.
class ShellWords {
public:
    ShellWords(ShellCursor& cursor, const ShellVariables& variables) : cursor_(cursor), expansion_(variables) {}

    /// The right side of `name=`.
    ShellValue scalar();
    /// From `(` over `)`: the right side of `name=(`.
    ShellVariable array();
    /// A word of a command; what is unknown in it is left out.
    std::string plain() { return scalar().text; }
    /// Over a word without looking at its value.
    void skip();

private:
    struct Builder;

    void read(Builder& word);
    void readDoubleQuoted(Builder& word);
    void readAnsiQuoted(Builder& word);
    void readExpansion(Builder& word, bool quoted);
    void element(std::vector<ShellValue>& items);

    ShellCursor& cursor_;
    ShellExpansion expansion_;
};

} // namespace apbfarm::package

// SPDX-License-Identifier: MIT
#pragma once

#include "package/shell_words.h"

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

/// Finds what a shell script assigns at its top level, in one pass and without running anything (K1, K3).
///
/// Bodies of functions, here-documents and subshells are passed over. What is assigned under a condition or in a loop
/// is unknown afterwards, because only running the script would tell.
class ShellReader {
public:
    explicit ShellReader(std::string_view text) : cursor_(text), words_(cursor_, variables_) {}

    void run();

    const ShellVariables& variables() const { return variables_; }
    /// Characters looked at; grows linearly with the text.
    std::size_t looks() const { return cursor_.looks(); }
    /// The text ended inside a quote, a list or a here-document.
    bool isCutOff() const { return cursor_.isCutOff(); }
    /// It takes in other files or evaluates text, so variables may have other values than the ones found.
    bool runsOtherText() const { return runsOtherText_; }

private:
    enum class Block { Braces, Subshell, If, Loop, Case };
    enum class Expect { Command, Argument, Declaration, Unset, LoopVariable, CaseWord, CasePattern, FunctionName };
    struct Open {
        Block block;
        bool passOver;
        bool isCondition;
    };

    void step();
    void newline();
    void operatorAnd();
    void operatorOr();
    void operatorEnd();
    void skipNewlinesAfterJoin();
    void openBracket();
    void closeBracket();
    void redirection();
    void word();
    void command();
    void reserved(std::string_view word);
    bool isReserved(std::string_view word) const;
    void simpleCommand(std::string_view word);
    bool functionHead();
    bool assignment();
    void assign(std::string_view name, bool append);
    void testExpression();
    void endCommand();

    void open(Block block);
    void close(Block block);
    bool isTop(Block block) const { return !blocks_.empty() && blocks_.back().block == block; }

    ShellCursor cursor_;
    ShellVariables variables_;
    ShellWords words_;
    std::vector<Open> blocks_;
    std::vector<std::string> prefixes_;   // assigned by this command so far; undone when a command word follows
    std::size_t passedOver_ = 0;          // open functions and subshells
    std::size_t conditions_ = 0;          // open ifs, loops and cases
    Expect expect_ = Expect::Command;
    bool afterAndOr_ = false;
    bool functionFollows_ = false;
    bool runsOtherText_ = false;
};

} // namespace apbfarm::package

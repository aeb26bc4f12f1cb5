// SPDX-License-Identifier: MIT
#include "package/shell_reader.h"

#include <algorithm>
#include <array>

namespace apbfarm::package {

namespace {

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::ranges::find(words, word) != words.end();
}

} // namespace

void ShellReader::run()
{
    while (!cursor_.atEnd())
        step();
    endCommand();
}

void ShellReader::step()
{
    cursor_.skipBlanks();
    switch (cursor_.peek()) {
    case '\n': newline(); break;
    case '#': cursor_.skipLine(); break;
    case ';': operatorEnd(); break;
    case '&': operatorAnd(); break;
    case '|': operatorOr(); break;
    case '(': openBracket(); break;
    case ')': closeBracket(); break;
    case '<':
    case '>': redirection(); break;
    case '\0': cursor_.advance(); break;
    default: word();
    }
}

void ShellReader::endCommand()
{
    prefixes_.clear();
    if (expect_ != Expect::CasePattern)
        expect_ = Expect::Command;
}

void ShellReader::newline()
{
    cursor_.skipNewline();
    // A case word may stand alone on its line, with "in" on the next.
    if (expect_ == Expect::CaseWord)
        return;
    endCommand();
    afterAndOr_ = false;
}

void ShellReader::operatorEnd()
{
    const bool endsPattern = cursor_.peek(1) == ';' || cursor_.peek(1) == '&';
    cursor_.advance(endsPattern ? 2 : 1);
    if (endsPattern && cursor_.peek() == '&')
        cursor_.advance();
    endCommand();
    afterAndOr_ = false;
    if (endsPattern && isTop(Block::Case))
        expect_ = Expect::CasePattern;
}

void ShellReader::operatorAnd()
{
    const char next = cursor_.peek(1);
    if (next == '>') {
        redirection();
        return;
    }
    cursor_.advance(next == '&' ? 2 : 1);
    endCommand();
    afterAndOr_ = next == '&';
    skipNewlinesAfterJoin();
}

void ShellReader::operatorOr()
{
    const char next = cursor_.peek(1);
    cursor_.advance(next == '|' || next == '&' ? 2 : 1);
    if (expect_ == Expect::CasePattern)
        return;
    endCommand();
    afterAndOr_ = true;   // both sides of a pipe run apart: what they assign is lost
    skipNewlinesAfterJoin();
}

/// A line may end after "&&", "||" and "|"; the command goes on.
void ShellReader::skipNewlinesAfterJoin()
{
    for (cursor_.skipBlanks(); afterAndOr_ && cursor_.peek() == '\n'; cursor_.skipBlanks())
        cursor_.skipNewline();
}

void ShellReader::openBracket()
{
    if (expect_ == Expect::CasePattern) {
        cursor_.advance();
    } else if (cursor_.peek(1) == '(' || expect_ != Expect::Command) {
        cursor_.skipNested();
    } else {
        cursor_.advance();
        open(Block::Subshell);
    }
}

void ShellReader::closeBracket()
{
    cursor_.advance();
    if (expect_ == Expect::CasePattern) {
        expect_ = Expect::Command;
        return;
    }
    endCommand();
    close(Block::Subshell);
    expect_ = Expect::Argument;
}

void ShellReader::redirection()
{
    const char c = cursor_.peek();
    if (c == '<' && cursor_.peek(1) == '<') {
        cursor_.takeHereDocumentMark();
        return;
    }
    if (c != '&' && cursor_.peek(1) == '(') {
        cursor_.skipNested();
        return;
    }
    while (cursor_.peek() == '<' || cursor_.peek() == '>' || cursor_.peek() == '&')
        cursor_.advance();
    cursor_.skipBlanks();
    words_.skip();
}

void ShellReader::word()
{
    switch (expect_) {
    case Expect::Command: command(); break;
    case Expect::Argument: words_.skip(); break;
    case Expect::Declaration:
        if (!assignment())
            words_.skip();
        break;
    case Expect::Unset:
        if (const auto name = words_.plain(); passedOver_ == 0)
            conditions_ == 0 && !afterAndOr_ ? variables_.erase(name) : variables_.forget(name);
        break;
    case Expect::LoopVariable:
        if (const auto name = words_.plain(); passedOver_ == 0 && shellNameLength(name) == name.size())
            variables_.forget(name);
        expect_ = Expect::Argument;
        break;
    case Expect::CaseWord:
        if (words_.plain() == "in")
            expect_ = Expect::CasePattern;
        break;
    case Expect::CasePattern:
        if (words_.plain() == "esac")
            reserved("esac");
        break;
    case Expect::FunctionName:
        words_.skip();
        if (cursor_.skipBlanks(); cursor_.peek() == '(')
            functionHead();
        functionFollows_ = true;
        expect_ = Expect::Command;
        break;
    }
}

void ShellReader::command()
{
    if (assignment())
        return;
    const auto start = cursor_.position();
    words_.skip();
    const auto text = std::string(cursor_.since(start).substr(0, 64));
    if (cursor_.position() == start) {
        cursor_.advance();
        return;
    }
    if (isReserved(text)) {
        reserved(text);
        return;
    }
    cursor_.skipBlanks();
    if (cursor_.peek() == '(' && functionHead())
        return;
    simpleCommand(text);
}

bool ShellReader::functionHead()
{
    std::size_t ahead = 1;
    while (cursor_.peek(ahead) == ' ' || cursor_.peek(ahead) == '\t')
        ++ahead;
    if (cursor_.peek(ahead) != ')')
        return false;
    cursor_.advance(ahead + 1);
    functionFollows_ = true;
    return true;
}

void ShellReader::simpleCommand(std::string_view word)
{
    for (const auto& name : prefixes_)
        variables_.forget(name);
    prefixes_.clear();
    if (isOneOf(word, {"declare", "typeset", "export", "readonly", "local"}))
        expect_ = Expect::Declaration;
    else if (word == "unset")
        expect_ = Expect::Unset;
    else
        expect_ = Expect::Argument;
    if (passedOver_ == 0 && isOneOf(word, {"eval", "source", ".", "read", "mapfile", "readarray"}))
        runsOtherText_ = true;
}

bool ShellReader::isReserved(std::string_view word) const
{
    return isOneOf(word, {"if", "then", "elif", "else", "fi", "for", "select", "while", "until", "do", "done", "case",
                          "esac", "{", "}", "!", "time", "function", "[["});
}

void ShellReader::reserved(std::string_view word)
{
    if (word == "if")
        open(Block::If);
    else if (word == "for" || word == "select" || word == "while" || word == "until")
        open(Block::Loop);
    else if (word == "case")
        open(Block::Case);
    else if (word == "{")
        open(Block::Braces);
    else if (word == "fi")
        close(Block::If);
    else if (word == "done")
        close(Block::Loop);
    else if (word == "esac")
        close(Block::Case);
    else if (word == "}")
        close(Block::Braces);
    else if (word == "[[")
        testExpression();

    if (word == "for" || word == "select")
        expect_ = Expect::LoopVariable;
    else if (word == "case")
        expect_ = Expect::CaseWord;
    else if (word == "function")
        expect_ = Expect::FunctionName;
    else if (isOneOf(word, {"fi", "done", "esac", "}", "[["}))
        expect_ = Expect::Argument;
    else
        expect_ = Expect::Command;
}

void ShellReader::testExpression()
{
    while (!cursor_.atEnd()) {
        cursor_.skipBlanks();
        const auto start = cursor_.position();
        words_.skip();
        if (cursor_.since(start) == "]]")
            return;
        if (cursor_.position() != start)
            continue;
        if (cursor_.peek() == '\n')
            cursor_.skipNewline();
        else
            cursor_.advance();
    }
}

bool ShellReader::assignment()
{
    std::size_t length = 0;
    const auto name = cursor_.peekAssignment(length);
    if (length == 0)
        return false;
    const auto head = std::string(name);
    const bool indexed = cursor_.peek(name.size()) == '[';
    const bool append = cursor_.peek(length - 2) == '+';
    cursor_.advance(length);
    assign(head, append);
    if (indexed && passedOver_ == 0)
        variables_.forget(head);
    if (expect_ == Expect::Command && passedOver_ == 0)
        prefixes_.push_back(head);
    return true;
}

void ShellReader::assign(std::string_view name, bool append)
{
    const bool list = cursor_.peek() == '(';
    ShellVariable value;
    if (list)
        value = words_.array();
    else
        value.items.push_back(words_.scalar());

    if (passedOver_ > 0)
        return;
    if (conditions_ > 0 || afterAndOr_)
        variables_.forget(name);
    else if (!append)
        variables_.assign(name, std::move(value));
    else if (list)
        variables_.append(name, std::move(value));
    else
        variables_.appendText(name, value.items.front());
}

void ShellReader::open(Block block)
{
    const bool passOver = functionFollows_ || block == Block::Subshell;
    const bool isCondition = block == Block::If || block == Block::Loop || block == Block::Case || afterAndOr_;
    functionFollows_ = false;
    afterAndOr_ = false;
    blocks_.push_back({block, passOver, isCondition});
    passedOver_ += passOver;
    conditions_ += isCondition;
    expect_ = Expect::Command;
}

void ShellReader::close(Block block)
{
    if (!isTop(block))
        return;   // a syntax error for the shell, or a construct this reader does not know
    const auto open = blocks_.back();
    blocks_.pop_back();
    passedOver_ -= open.passOver;
    conditions_ -= open.isCondition;
}

} // namespace apbfarm::package

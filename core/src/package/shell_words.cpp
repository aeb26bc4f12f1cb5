// SPDX-License-Identifier: MIT
#include "package/shell_words.h"

#include <algorithm>

namespace apbfarm::package {

namespace {

bool endsWord(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '&' || c == '|' || c == '(' || c == ')'
        || c == '<' || c == '>';
}

char markedBrace(char c)
{
    return c == '{' ? kBraceOpen : c == ',' ? kBraceComma : c == '}' ? kBraceClose : c;
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

} // namespace

/// A word while it is read. In an array it may turn out to be none or several.
struct ShellWords::Builder {
    bool inArray = false;
    std::vector<ShellValue> finished{};
    ShellValue current{};
    bool started = false;     // something, though it may be empty text
    bool hasBraces = false;

    void literal(std::string_view text)
    {
        current.append(text);
        started = true;
    }
    void finish()
    {
        if (started)
            finished.push_back(std::move(current));
        current = {};
        started = false;
    }
    /// An unquoted expansion in an array falls apart at its blanks.
    void split(const ShellValue& value)
    {
        std::size_t at = 0;
        while (at < value.text.size()) {
            if (isBlank(value.text[at])) {
                finish();
                ++at;
                continue;
            }
            const auto end =
                std::find_if(value.text.begin() + static_cast<std::ptrdiff_t>(at), value.text.end(), isBlank);
            const auto length = static_cast<std::size_t>(end - value.text.begin()) - at;
            current.depth = std::max(current.depth, value.depth);
            literal(std::string_view(value.text).substr(at, length));
            at += length;
        }
    }
    void expanded(const std::vector<ShellValue>& values, bool quoted)
    {
        started = started || quoted;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0)
                separate();
            if (inArray && !quoted && values[i].known) {
                split(values[i]);
            } else {
                current.append(values[i]);
                started = true;
            }
        }
    }
    void separate()
    {
        if (inArray)
            finish();
        else
            current.append(" ");
    }
};

ShellValue ShellWords::scalar()
{
    Builder word;
    read(word);
    return std::move(word.current);
}

void ShellWords::skip()
{
    // Its cost is that of reading; only the text is not wanted.
    scalar();
}

ShellVariable ShellWords::array()
{
    ShellVariable variable;
    cursor_.advance();
    for (;;) {
        cursor_.skipBlanks();
        const char c = cursor_.peek();
        if (cursor_.atEnd()) {
            cursor_.markCutOff();
            return ShellVariable::unknown();
        }
        if (c == ')') {
            cursor_.advance();
            return variable;
        }
        if (c == '\n') {
            cursor_.skipNewline();
        } else if (c == '#') {
            cursor_.skipLine();
        } else if (c == '<' || c == '>' || c == '(') {
            cursor_.skipNested();
            variable.items.push_back(ShellValue::unknown());
        } else if (endsWord(c)) {
            cursor_.advance();   // a syntax error for the shell
            variable.known = false;
        } else if (c == '[') {
            skip();              // [index]=value: the place of the element would have to be computed
            variable.known = false;
        } else {
            element(variable.items);
        }
    }
}

void ShellWords::element(std::vector<ShellValue>& items)
{
    Builder word{true};
    read(word);
    word.finish();
    for (auto& value : word.finished) {
        if (!word.hasBraces || !value.known) {
            items.push_back(std::move(value));
            continue;
        }
        // Paid for before and after: a refused one must not cost the work again and again.
        const bool affordable = expansion_.spend(value.text.size() + kValueOverhead);
        const auto texts = affordable ? expandBraces(value.text) : std::nullopt;
        if (!texts || !expansion_.spend(texts->size() * (value.text.size() + kValueOverhead))) {
            items.push_back(ShellValue::unknown());
            continue;
        }
        for (const auto& text : *texts)
            items.push_back({text, true, value.depth});
    }
}

void ShellWords::read(Builder& word)
{
    for (char c = cursor_.peek(); !endsWord(c); c = cursor_.peek()) {
        if (c == '\\') {
            const char next = cursor_.peek(1);
            if (next != '\n' && next != '\0')
                word.literal({&next, 1});
            cursor_.advance(2);
        } else if (c == '\'') {
            word.literal(cursor_.takeSingleQuoted());
        } else if (c == '"') {
            readDoubleQuoted(word);
        } else if (c == '$' || c == '`') {
            readExpansion(word, false);
        } else if (const char kept = word.inArray ? markedBrace(c) : c; kept != c) {
            word.hasBraces = true;
            word.literal({&kept, 1});
            cursor_.advance();
        } else if (const auto plain = cursor_.takePlain(); !plain.empty()) {
            word.literal(plain);
        } else {
            word.literal({&c, 1});
            cursor_.advance();
        }
    }
    if (cursor_.isCutOff())
        word.current.forget();
}

void ShellWords::readDoubleQuoted(Builder& word)
{
    word.literal({});
    cursor_.advance();
    for (char c = cursor_.peek(); c != '"'; c = cursor_.peek()) {
        if (cursor_.atEnd()) {
            cursor_.markCutOff();
            return;
        }
        if (c == '$' || c == '`') {
            readExpansion(word, true);
            continue;
        }
        if (const auto plain = cursor_.takePlain(); !plain.empty()) {
            word.literal(plain);
            continue;
        }
        const char next = cursor_.peek(1);
        const bool escape = c == '\\' && (next == '$' || next == '`' || next == '"' || next == '\\' || next == '\n');
        if (escape && next != '\n')
            word.literal({&next, 1});
        else if (!escape)
            word.literal({&c, 1});
        cursor_.advance(escape ? 2 : 1);
    }
    cursor_.advance();
}

void ShellWords::readAnsiQuoted(Builder& word)
{
    word.literal({});
    cursor_.advance(2);
    for (char c = cursor_.peek(); c != '\'' && !cursor_.atEnd(); c = cursor_.peek()) {
        if (c == '\\')
            word.current.forget();   // escapes would have to be decoded
        else
            word.literal({&c, 1});
        cursor_.advance(c == '\\' ? 2 : 1);
    }
    if (cursor_.atEnd())
        cursor_.markCutOff();
    cursor_.advance();
}

void ShellWords::readExpansion(Builder& word, bool quoted)
{
    const char next = cursor_.peek(1);
    const auto start = cursor_.position();
    if (cursor_.peek() == '`' || next == '(') {
        cursor_.skipNested();
        word.expanded({ShellValue::unknown()}, quoted);
    } else if (next == '{') {
        cursor_.skipNested();
        auto inside = cursor_.since(start).substr(2);
        inside.remove_suffix(inside.empty() ? 0 : 1);
        word.expanded(expansion_.expand(inside), quoted);
    } else if (next == '\'' && !quoted) {
        readAnsiQuoted(word);
    } else if (next == '"' && !quoted) {
        cursor_.advance();
    } else {
        cursor_.advance();
        const auto name = cursor_.takeName();
        if (!name.empty()) {
            word.expanded(expansion_.expand(name), quoted);
        } else if (next != '\0' && std::string_view("0123456789@*#?-$!").find(next) != std::string_view::npos) {
            cursor_.advance();
            word.expanded({ShellValue::unknown()}, quoted);
        } else {
            word.literal("$");
        }
    }
}

} // namespace apbfarm::package

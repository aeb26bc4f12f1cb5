// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

/// A place in shell text that only moves forward, and the here-documents that begin after the current line.
///
/// Every look at a character is counted, so that a test can show that reading is linear (K3).
class ShellCursor {
public:
    explicit ShellCursor(std::string_view text) : text_(text) {}

    bool atEnd() const { return at_ >= text_.size(); }
    std::size_t position() const { return at_; }
    std::size_t looks() const { return looks_; }
    /// The end came inside a quote, an expansion or a here-document.
    bool isCutOff() const { return cutOff_; }
    void markCutOff() { cutOff_ = true; }

    /// The character `ahead` of here; NUL behind the end.
    char peek(std::size_t ahead = 0) const
    {
        ++looks_;
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void advance(std::size_t count = 1) { at_ = at_ + count < text_.size() ? at_ + count : text_.size(); }
    std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }

    /// Spaces, tabs and continued lines.
    void skipBlanks();
    /// The variable name that begins here; empty and unmoved when there is none.
    std::string_view takeName();
    /// As many characters as mean only themselves: no quotes, expansions, operators, blanks, braces or commas.
    std::string_view takePlain();
    /// The name when `name=`, `name+=` or `name[...]=` begins here; `length` is that of all this, 0 when not.
    std::string_view peekAssignment(std::size_t& length) const;
    /// To the end of the line, not over it.
    void skipLine();
    /// Over a newline and the here-documents that were announced on its line.
    void skipNewline();
    /// From an opening `'` over the closing one; gives what is between.
    std::string_view takeSingleQuoted();
    /// From `$(`, `${`, `$((`, `((`, `(`, `<(` or a backtick over the matching end, without recursion.
    void skipNested();
    /// From `<<` over the delimiter word; its text is skipped by `skipNewline`. `<<<` is only stepped over.
    void takeHereDocumentMark();

private:
    struct HereDocument {
        std::string delimiter;
        bool stripTabs;
    };

    void open(std::string& closers);
    void stepInQuotes(std::string& closers);
    void stepInBraces(std::string& closers);
    void stepInCommands(std::string& closers);
    bool openExpansion(std::string& closers);
    void skipHereDocument(const HereDocument& document);

    std::string_view text_;
    std::size_t at_ = 0;
    mutable std::size_t looks_ = 0;
    bool cutOff_ = false;
    std::vector<HereDocument> announced_;
};

} // namespace apbfarm::package

// SPDX-License-Identifier: MIT
#pragma once

#include "facts.h"

namespace apbfarm::manual {

/// Builds a page piece by piece; what is given to it is plain text.
class PageText {
public:
    PageText(const std::string& name, const std::string& section, const std::string& purpose);

    PageText& heading(const std::string& title);
    PageText& subheading(const std::string& title);
    PageText& paragraph(const std::string& text);
    PageText& example(const std::string& lines);
    /// "--port NUMBER" in bold and italics, then what it does.
    PageText& option(const Fact& fact);
    PageText& setting(const Fact& fact);
    /// A name in bold with a sentence.
    PageText& item(const std::string& name, const std::string& text);
    PageText& seeAlso(const std::vector<std::string>& pages);

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace apbfarm::manual

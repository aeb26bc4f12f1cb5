// SPDX-License-Identifier: MIT
#include "page_text.h"

#include <cctype>
#include <utility>

namespace apbfarm::manual {

namespace {

/// Nothing in it is a command of man(7), hyphens stay hyphens, quotes and tildes what they are in a terminal.
std::string plain(const std::string& text)
{
    static const std::vector<std::pair<char, const char*>> special{
        {'\\', "\\e"}, {'-', "\\-"}, {'~', "\\(ti"}, {'^', "\\(ha"}, {'`', "\\(ga"}, {'\'', "\\(aq"}, {'"', "\\(dq"}};
    std::string out;
    bool lineBegins = true;
    for (const char c : text) {
        if (lineBegins && c == '.')
            out += "\\&";
        lineBegins = c == '\n';
        std::string written(1, c);
        for (const auto& [from, to] : special)
            if (c == from)
                written = to;
        out += written;
    }
    return out;
}

std::string upper(std::string text)
{
    for (auto& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

} // namespace

PageText::PageText(const std::string& name, const std::string& section, const std::string& purpose)
{
    text_ = ".\\\" Made from the option tables; do not edit.\n.TH " + upper(plain(name)) + " " + section +
            " \"\" \"apb\\-farm " + APB_FARM_VERSION + "\" \"apb\\-farm\"\n.SH NAME\n" + plain(name) + " \\- " +
            plain(purpose) + "\n";
}

PageText& PageText::heading(const std::string& title)
{
    text_ += ".SH " + upper(title) + "\n";
    return *this;
}

PageText& PageText::subheading(const std::string& title)
{
    text_ += ".SS \"" + plain(title) + "\"\n";
    return *this;
}

PageText& PageText::paragraph(const std::string& text)
{
    text_ += ".PP\n" + plain(text) + "\n";
    return *this;
}

PageText& PageText::example(const std::string& lines)
{
    text_ += ".PP\n.nf\n.RS\n" + plain(lines) + "\n.RE\n.fi\n";
    return *this;
}

PageText& PageText::option(const Fact& fact)
{
    text_ += ".TP\n\\fB\\-\\-" + plain(fact.name) + "\\fR" +
             (fact.argument.empty() ? "" : " \\fI" + plain(fact.argument) + "\\fR") + "\n" + plain(fact.help) + "\n";
    return *this;
}

PageText& PageText::setting(const Fact& fact)
{
    text_ += ".TP\n\\fB" + plain(fact.name) + "\\fR = " +
             (fact.defaultValue.empty() ? "(empty)" : plain(fact.defaultValue)) + "\n" + plain(fact.help) +
             (fact.type.empty() ? "" : " (" + plain(fact.type) + ")") + "\n";
    return *this;
}

PageText& PageText::item(const std::string& name, const std::string& text)
{
    text_ += ".TP\n\\fB" + plain(name) + "\\fR\n" + plain(text) + "\n";
    return *this;
}

PageText& PageText::seeAlso(const std::vector<std::string>& pages)
{
    heading("See also");
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const auto bracket = pages[i].find('(');
        text_ += ".BR " + plain(pages[i].substr(0, bracket)) + " " + pages[i].substr(bracket) +
                 (i + 1 < pages.size() ? " ,\n" : "\n");
    }
    return *this;
}

} // namespace apbfarm::manual

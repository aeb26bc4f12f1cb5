// SPDX-License-Identifier: MIT
#include "property.h"

#include "api/page_views_text.h"
#include "api/template_store.h"
#include "files/log_outline.h"
#include "support/temp_dir.h"
#include "util/terminal_text.h"
#include "util/text.h"

#include <fstream>
#include <sstream>

namespace apbfarm::fuzz {

namespace {

constexpr std::string_view kBegin = "{{#logLines}}", kEnd = "{{/logLines}}";

/// The rows of the log as the page of a build has them.
api::TemplateStore rowTemplate()
{
    std::ifstream file(APB_FARM_TEMPLATES "/pages/build.mustache");
    std::ostringstream page;
    page << file.rdbuf();
    const auto text = page.str();
    const auto begin = text.find(kBegin), end = text.find(kEnd);
    require(begin != text.npos && end != text.npos, "the page of a build shows the lines of its log");
    const test::TempDir folder;
    std::filesystem::create_directory(folder / "parts");
    std::ofstream(folder / "layout.mustache") << "{{> content}}";
    std::ofstream(folder / "parts/rows.mustache") << text.substr(begin, end + kEnd.size() - begin);
    return {folder.path(), {}, {"rows"}};
}

std::string rendered(const std::string& line)
{
    static const auto templates = rowTemplate();
    api::View row, view;
    row.number("number", 1).lines("line", line);
    return templates.part("rows", view.list("logLines", {row}));
}

/// What a browser shows of escaped text.
std::string shown(std::string_view html)
{
    std::string text;
    while (!html.empty()) {
        bool found = false;
        for (const auto& [escape, c] : {std::pair{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
                                        {"&apos;", '\''}, {"&#39;", '\''}})
            if (!found && html.starts_with(escape)) {
                text += c;
                html.remove_prefix(std::string_view(escape).size());
                found = true;
            }
        require(found || html[0] != '&', "every ampersand is escaped (W1)");
        if (!found) {
            text += html[0];
            html.remove_prefix(1);
        }
    }
    return text;
}

}

void tryInput(std::string_view bytes)
{
    const auto clean = api::words::logLine(bytes);
    require(!hasControls(clean, "\t") && util::isUtf8(clean), "nothing is left for a terminal (W3)");
    require(clean.size() <= 8192 + 16, "a line of a page is not endless");
    require(api::words::logLine(clean) == clean, "clean once is clean");
    require(util::withoutEscapes(bytes).find('\x1b') == std::string::npos, "no escapes (W3)");

    static const auto around = rendered("");
    const auto html = rendered(clean);
    const auto before = around.rfind("</span>");
    require(html.starts_with(around.substr(0, before)) && html.ends_with(around.substr(before)), "the row around it");
    const auto inside = std::string_view(html).substr(before, html.size() - around.size());
    require(inside.find_first_of("<>\"'") == inside.npos, "no markup (W1)");
    require(shown(inside) == clean, "what is shown is the line");

    files::LogOutline outline;
    files::readOn(outline, bytes);
    for (const auto& phase : outline.phases)
        require(!hasControls(phase.title) && util::isUtf8(phase.title), "the title of a phase is one line (V8)");
}

}

// SPDX-License-Identifier: MIT
#include "api/template_store.h"

#include "page_fixture.h"

#include <boost/test/unit_test.hpp>

#include <regex>

using namespace apbfarm;
using api::TemplateStore;
using api::View;

namespace {

struct Folder {
    test::TempDir folder;

    Folder() { test::write(folder / "layout.mustache", "<main>\n{{> content}}\n</main>\n"); }

    void part(const std::string& name, std::string_view text) { put("parts/" + name, text); }
    void page(const std::string& name, std::string_view text) { put("pages/" + name, text); }
    void put(const std::string& name, std::string_view text) { test::write(folder / (name + ".mustache"), text); }

    std::string render(std::string_view text, const View& view)
    {
        part("it", text);
        return TemplateStore(folder.path(), {}, {"it"}).part("it", view);
    }
    /// Why a part with that text is not accepted; empty when it is.
    std::string refusal(std::string_view text)
    {
        part("it", text);
        try {
            TemplateStore(folder.path(), {}, {"it"});
            return {};
        } catch (const InvalidInput& error) {
            BOOST_TEST(error.code() == "broken_template");
            BOOST_TEST(test::has(error.what(), "it.mustache"));
            return error.what();
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(PageTemplates)

BOOST_FIXTURE_TEST_CASE(W1_text_is_escaped_in_content_and_in_attributes, Folder)
{
    View view;
    view.text("x", R"(<script>alert("1")</script>&')");
    BOOST_TEST(render("<p title=\"{{x}}\">{{x}}</p>", view)
               == "<p title=\"&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&apos;\">"
                  "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&apos;</p>");
}

BOOST_FIXTURE_TEST_CASE(control_and_direction_characters_become_visible, Folder)
{
    View view;
    view.text("x", "a\nb\x1b[31m\u202ec\xff");
    const auto html = render("{{x}}", view);
    BOOST_TEST(html == "a\\x0ab\\x1b[31m\\xe2\\x80\\xaec\\xff");
}

BOOST_FIXTURE_TEST_CASE(empty_texts_flags_and_lists_leave_their_section_out, Folder)
{
    View view;
    view.text("text", "").flag("flag", false).list("list", {});
    BOOST_TEST(render("{{#text}}a{{/text}}{{#flag}}b{{/flag}}{{#list}}c{{/list}}{{^text}}-{{/text}}", view) == "-");
}

BOOST_FIXTURE_TEST_CASE(a_page_stands_in_the_layout_with_its_parts, Folder)
{
    part("name", "<b>{{name}}</b>");
    page("hello", "Hello\n{{> name}}\n");
    const TemplateStore store(folder.path(), {"hello"}, {"name"});
    View view;
    view.text("name", "<i>");
    const auto html = store.page("hello", view);
    BOOST_TEST(test::has(html, "<main>"));
    BOOST_TEST(test::has(html, "Hello\n<b>&lt;i&gt;</b>"));
    BOOST_TEST(store.part("name", view) == "<b>&lt;i&gt;</b>");
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_stops_the_start_and_is_named, Folder)
{
    BOOST_CHECK_EXCEPTION(TemplateStore(folder.path(), {"gone"}, {}), InvalidInput,
                          [](const auto& error) { return test::has(error.what(), "pages/gone.mustache"); });
    part("outer", "{{> inner}}");
    BOOST_CHECK_EXCEPTION(TemplateStore(folder.path(), {}, {"outer"}), InvalidInput,
                          [](const auto& error) { return test::has(error.what(), "parts/inner.mustache"); });
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_parsed_stops_the_start, Folder)
{
    BOOST_TEST(test::has(refusal("{{#open}}text"), "cannot be parsed"));
    BOOST_TEST(test::has(refusal("text{{/close}}"), "cannot be parsed"));
    BOOST_TEST(test::has(refusal("{{unfinished"), "without an end"));
    BOOST_TEST(test::has(refusal("{{> it}}"), "includes itself"));
}

BOOST_FIXTURE_TEST_CASE(W1_what_would_render_without_escaping_stops_the_start, Folder)
{
    BOOST_TEST(test::has(refusal("{{{x}}}"), "does not escape"));
    BOOST_TEST(test::has(refusal("{{& x}}"), "does not escape"));
    BOOST_TEST(test::has(refusal("{{=<% %>=}}<%& x%>"), "does not escape"));
    BOOST_TEST(test::has(refusal("<p class={{x}}>"), "without quotes"));
    BOOST_TEST(test::has(refusal("<p {{x}}>"), "without quotes"));
    BOOST_TEST(test::has(refusal("<a href=\"{{x}}\">"), "does not begin with a constant"));
    BOOST_TEST(refusal("<a{{#x}} class=\"{{x}}\"{{/x}} href=\"/b?x={{x}}\">{{x}}</a>") == "");
}

BOOST_AUTO_TEST_CASE(W2_the_shipped_templates_hold_no_inline_script_style_or_foreign_address)
{
    const std::regex inlined(R"(<style|\son[a-z]+\s*=|\sstyle\s*=|javascript:|<script(?![^>]*\ssrc="/static/))"
                             R"(|="(https?:)?//(?!www\.w3\.org/))",
                             std::regex::icase);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::sourceDirectory() / "web/templates")) {
        if (!entry.is_regular_file())
            continue;
        ++files;
        std::ifstream in(entry.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        BOOST_TEST(!std::regex_search(text, inlined), entry.path().filename().string());
    }
    BOOST_TEST(files >= 10);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "api/template_store.h"

#include "util/text.h"

#include <apbfarm/errors.h>

#include <kainjow/mustache.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <type_traits>

namespace apbfarm::api {

namespace mustache = kainjow::mustache;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".mustache";
constexpr int kMaxDepth = 8;   // of parts within parts

[[noreturn]] void refuse(const fs::path& file, const std::string& why)
{
    throw InvalidInput("The template " + file.string() + " " + why, "broken_template");
}

std::string contentOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        refuse(file, "is missing or cannot be read");
    return text;
}

/// Indentation helps whoever reads the template; browsers and the renderer only pay for it.
std::string withoutIndentation(const std::string& text)
{
    std::string out;
    out.reserve(text.size());
    bool lineStart = true;
    for (const char c : text) {
        if (lineStart && (c == ' ' || c == '\t'))
            continue;
        lineStart = c == '\n';
        out += c;
    }
    return out;
}

/// W1: refuses a tag that does not escape, or stands where escaping is not enough.
void checkTag(const fs::path& file, std::string_view before, std::string_view tag, bool inElement, bool inQuotes)
{
    constexpr std::string_view sections = "#^/!>";
    if (tag.starts_with('{') || tag.starts_with('&') || tag.starts_with('='))
        refuse(file, "uses a tag that does not escape, or changes the delimiters");
    const bool isValue = tag.empty() || sections.find(tag.front()) == sections.npos;
    if (isValue && inElement && !inQuotes)
        refuse(file, "has a value in an element without quotes");
    for (const std::string_view attribute : {"href=\"", "src=\"", "action=\""})
        if (isValue && before.ends_with(attribute))
            refuse(file, "has an address that does not begin with a constant");
}

void checkContexts(const fs::path& file, std::string_view text)
{
    bool inElement = false, inQuotes = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "{{") {
            const auto end = text.find("}}", at);
            if (end == text.npos)
                refuse(file, "has a tag without an end");
            checkTag(file, text.substr(0, at), util::trim(text.substr(at + 2, end - at - 2)), inElement, inQuotes);
            at = end + 1;
        } else if (!inElement) {
            inElement = text[at] == '<';
        } else if (text[at] == '"') {
            inQuotes = !inQuotes;
        } else if (text[at] == '>' && !inQuotes) {
            inElement = false;
        }
    }
}

/// Replaces `{{> name}}` by the files, so that a missing one shows at start and nothing is parsed per request.
class Assembler {
public:
    explicit Assembler(fs::path directory) : directory_(std::move(directory)) {}

    std::string part(const std::string& name) { return assemble(pathOf("parts", name), {}, 0); }
    std::string page(const std::string& name)
    {
        return assemble(directory_ / ("layout" + std::string(kSuffix)), pathOf("pages", name), 0);
    }

private:
    fs::path pathOf(const char* folder, const std::string& name) const
    {
        return directory_ / folder / (name + std::string(kSuffix));
    }

    std::string assemble(const fs::path& file, const fs::path& content, int depth)
    {
        if (depth > kMaxDepth)
            refuse(file, "includes itself");
        const auto text = withoutIndentation(contentOf(file));
        checkContexts(file, text);
        constexpr std::string_view opening = "{{>";
        std::string out;
        std::size_t done = 0;
        for (std::size_t at; (at = text.find(opening, done)) != text.npos;) {
            const auto end = text.find("}}", at);
            const auto start = at + opening.size();
            const std::string name(util::trim(std::string_view(text).substr(start, end - start)));
            out.append(text, done, at - done);
            out += name == "content" && !content.empty() ? assemble(content, {}, depth + 1)
                                                         : assemble(pathOf("parts", name), content, depth + 1);
            done = end + 2;
        }
        return out.append(text, done);
    }

    fs::path directory_;
};

} // namespace

View::View() = default;
View::~View() = default;
View::View(const View&) = default;
View::View(View&&) noexcept = default;
View& View::operator=(View other)
{
    values_.swap(other.values_);
    return *this;
}

View& View::text(std::string name, std::string_view value)
{
    values_.insert_or_assign(std::move(name), util::oneLine(value));
    return *this;
}

View& View::lines(std::string name, std::string_view value)
{
    values_.insert_or_assign(std::move(name), util::toUtf8(value));
    return *this;
}

View& View::number(std::string name, std::int64_t value)
{
    values_.insert_or_assign(std::move(name), std::to_string(value));
    return *this;
}

View& View::flag(std::string name, bool value)
{
    values_.insert_or_assign(std::move(name), value);
    return *this;
}

View& View::list(std::string name, std::vector<View> items)
{
    values_.insert_or_assign(std::move(name), std::move(items));
    return *this;
}

View& View::add(const View& other)
{
    values_.insert(other.values_.begin(), other.values_.end());
    return *this;
}

struct TemplateStore::Compiled {
    Compiled(const fs::path& directory, const std::string& name, const std::string& text) : parsed(text)
    {
        if (!parsed.is_valid())
            refuse(directory / (name + std::string(kSuffix)), "cannot be parsed: " + parsed.error_message());
    }

    static mustache::data dataOf(const View& view)
    {
        mustache::data data;
        for (const auto& [name, value] : view.values_)
            data[name] = std::visit([](const auto& v) { return dataOf(v); }, value);
        return data;
    }
    static mustache::data dataOf(bool flag) { return {flag}; }
    static mustache::data dataOf(const std::string& text)
    {
        // The library takes an empty text in a section for true.
        return text.empty() ? mustache::data(false) : mustache::data(text);
    }
    static mustache::data dataOf(const std::vector<View>& items)
    {
        mustache::list list;
        list.reserve(items.size());
        for (const auto& item : items)
            list.push_back(dataOf(item));
        return {list};
    }

    /// Not const in the library, but nothing in it changes without partials and lambdas, which are never in it.
    mutable mustache::mustache parsed;
};

TemplateStore::TemplateStore(const fs::path& directory, const std::vector<std::string>& pages,
                             const std::vector<std::string>& parts)
{
    Assembler assembler(directory);
    for (const auto& name : pages)
        pages_.emplace(name, std::make_unique<Compiled>(directory / "pages", name, assembler.page(name)));
    for (const auto& name : parts)
        parts_.emplace(name, std::make_unique<Compiled>(directory / "parts", name, assembler.part(name)));
}

TemplateStore::~TemplateStore() = default;

std::string TemplateStore::page(std::string_view name, const View& view) const
{
    return render(pages_, name, view);
}

std::string TemplateStore::part(std::string_view name, const View& view) const
{
    return render(parts_, name, view);
}

std::string TemplateStore::render(const Shelf& shelf, std::string_view name, const View& view)
{
    const auto found = shelf.find(name);
    if (found == shelf.end())
        throw std::logic_error("no template " + std::string(name));
    std::string out;
    found->second->parsed.render(Compiled::dataOf(view), [&out](const std::string& piece) { out += piece; });
    return out;
}

} // namespace apbfarm::api

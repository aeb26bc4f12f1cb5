// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace apbfarm::api {

/// The values that a template fills in, by name.
///
/// Text is escaped when it is rendered; there is no way to hand over markup (W1). An empty text, a false flag and
/// an empty list count as absent in sections. A name that is not set is looked up in the surrounding values, so
/// items of a list set all their names.
class View {
public:
    View();
    ~View();
    View(const View&);
    View(View&&) noexcept;
    View& operator=(View);

    /// One line from anywhere: control and direction-changing characters become visible escapes.
    View& text(std::string name, std::string_view value);
    /// Several lines that were cleaned before; only what is not UTF-8 is replaced.
    View& lines(std::string name, std::string_view value);
    View& number(std::string name, std::int64_t value);
    View& flag(std::string name, bool value);
    View& list(std::string name, std::vector<View> items);
    /// Adds all values of another one; those set before stay.
    View& add(const View& other);

private:
    friend class TemplateStore;
    using Value = std::variant<bool, std::string, std::vector<View>>;

    std::map<std::string, Value, std::less<>> values_;
};

/// The HTML templates, read and checked once. Rendering is thread-safe.
///
/// A folder with `layout.mustache`, which shows one page at `{{> content}}`, and its subfolders `pages` and `parts`.
/// Parts stand for themselves, or go anywhere with `{{> name}}`.
class TemplateStore {
public:
    /// Throws `InvalidInput` ("broken_template") that names the file when one is missing, cannot be parsed, includes
    /// itself, or has a tag that would render text without escaping.
    TemplateStore(const std::filesystem::path& directory, const std::vector<std::string>& pages,
                  const std::vector<std::string>& parts);
    ~TemplateStore();

    /// A whole page. `name` is one of those given at construction.
    std::string page(std::string_view name, const View& view) const;
    /// A piece of a page, as it stands within it.
    std::string part(std::string_view name, const View& view) const;

private:
    struct Compiled;
    using Shelf = std::map<std::string, std::unique_ptr<Compiled>, std::less<>>;

    static std::string render(const Shelf& shelf, std::string_view name, const View& view);

    Shelf pages_, parts_;
};

} // namespace apbfarm::api

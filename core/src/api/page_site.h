// SPDX-License-Identifier: MIT
#pragma once

#include "api/page_views.h"
#include "api/static_files.h"
#include "api/template_store.h"

#include <apbfarm/http.h>

#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::api {

/// Where a page stands in the navigation.
enum class Section { None, Farm, Builds, Packages, Statistics, Submit, My, Admin };

/// What all pages share: the templates, the frame around them, and how they and their errors are sent.
class PageSite {
public:
    /// `webDirectory` holds `templates` and `static`, which are read now. Throws `InvalidInput` when something in
    /// them is missing or broken.
    PageSite(PageContext context, const std::filesystem::path& webDirectory);

    const PageContext& context() const { return context_; }
    const StaticFiles& files() const { return files_; }

    /// What the layout shows around a page.
    View frame(const HttpRequest& request, std::string_view title, Section section) const;
    void sendPage(HttpResponse& response, std::string_view name, const View& view, int status = 200) const;
    void sendPart(HttpResponse& response, std::string_view name, const View& view) const;
    /// A template as something else than a page.
    std::string rendered(std::string_view part, const View& view) const { return templates_.part(part, view); }

    /// An error as a page, for requests that a browser made. Unknown exceptions show nothing of themselves.
    void error(const std::exception& error, const HttpRequest& request, HttpResponse& response) const;
    /// The same handler, but its errors are pages, too.
    Handler page(Handler handler) const;

    static void redirect(HttpResponse& response, std::string_view location, int status = 303);

private:
    void send(HttpResponse& response, int status, std::string html) const;

    const PageContext context_;
    const StaticFiles files_;
    const TemplateStore templates_;
};

/// The headers that every answer carries so that a browser does only what the pages need (W2).
std::vector<std::pair<std::string, std::string>> browserHeaders();

} // namespace apbfarm::api

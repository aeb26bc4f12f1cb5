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

/// The pages for people: dashboard, one build, log-in. Rendered here, readable without script; scripts fetch the
/// same parts again.
class PageRoutes {
public:
    /// `webDirectory` holds `templates` and `static`, which are read now. Throws `InvalidInput` when something in
    /// them is missing or broken.
    PageRoutes(PageContext context, const std::filesystem::path& webDirectory);

    void declare(RouteTable& routes);

    /// An error as a page, for requests that a browser made. Unknown exceptions show nothing of themselves.
    void error(const std::exception& error, const HttpRequest& request, HttpResponse& response) const;

private:
    using Member = void (PageRoutes::*)(const HttpRequest&, HttpResponse&) const;

    void dashboard(const HttpRequest& request, HttpResponse& response) const;
    void dashboardTab(const HttpRequest& request, HttpResponse& response) const;
    void dashboardPart(const HttpRequest& request, HttpResponse& response) const;
    void build(const HttpRequest& request, HttpResponse& response) const;
    void buildPart(const HttpRequest& request, HttpResponse& response) const;
    void loginForm(const HttpRequest& request, HttpResponse& response) const;
    void login(const HttpRequest& request, HttpResponse& response) const;
    void logout(const HttpRequest& request, HttpResponse& response) const;

    Handler page(Member member) const;
    void showLogin(const HttpRequest& request, HttpResponse& response, int status, const std::string& username,
                   const std::string& problem) const;
    void requireOwnPage(const HttpRequest& request) const;
    /// What the layout shows around every page.
    View frame(const HttpRequest& request, std::string_view title) const;
    static void redirect(HttpResponse& response, std::string_view location, int status = 303);
    static void toTab(std::string_view tab, const HttpRequest& request, HttpResponse& response);
    void send(HttpResponse& response, int status, std::string html) const;

    const PageContext context_;
    const StaticFiles files_;
    const TemplateStore templates_;
};

/// The headers that every answer carries so that a browser does only what the pages need (W2).
std::vector<std::pair<std::string, std::string>> browserHeaders();

} // namespace apbfarm::api

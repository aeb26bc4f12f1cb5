// SPDX-License-Identifier: MIT
#pragma once

#include "api/change_feed.h"
#include "api/page_site.h"

#include <apbfarm/http.h>

#include <memory>
#include <string>
#include <string_view>

namespace apbfarm::api {

/// The pages that everybody may see: dashboard, lists of builds, one build, log-in. Rendered here, readable without
/// script; scripts fetch the same parts again when the event stream says that something changed.
class PageRoutes {
public:
    PageRoutes(const PageSite& site, std::shared_ptr<ChangeFeed> changes);

    void declare(RouteTable& routes);

private:
    using Member = void (PageRoutes::*)(const HttpRequest&, HttpResponse&) const;

    void dashboard(const HttpRequest& request, HttpResponse& response) const;
    void dashboardTab(const HttpRequest& request, HttpResponse& response) const;
    void dashboardPart(const HttpRequest& request, HttpResponse& response) const;
    void builds(const HttpRequest& request, HttpResponse& response) const;
    void buildsPart(const HttpRequest& request, HttpResponse& response) const;
    void packages(const HttpRequest& request, HttpResponse& response) const;
    void packagesPart(const HttpRequest& request, HttpResponse& response) const;
    void build(const HttpRequest& request, HttpResponse& response) const;
    void buildPart(const HttpRequest& request, HttpResponse& response) const;
    void events(const HttpRequest& request, HttpResponse& response) const;
    void loginForm(const HttpRequest& request, HttpResponse& response) const;
    void login(const HttpRequest& request, HttpResponse& response) const;
    void logout(const HttpRequest& request, HttpResponse& response) const;

    Handler page(Member member) const;
    void showLogin(const HttpRequest& request, HttpResponse& response, int status, const std::string& username,
                   const std::string& problem) const;
    void requireOwnPage(const HttpRequest& request) const;
    static void toTab(std::string_view tab, const HttpRequest& request, HttpResponse& response);

    const PageSite& site_;
    const PageContext& context_;
    const std::shared_ptr<ChangeFeed> changes_;
};

} // namespace apbfarm::api

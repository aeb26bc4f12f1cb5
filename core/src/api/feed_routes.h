// SPDX-License-Identifier: MIT
#pragma once

#include "api/page_site.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// Results for other programs to show: badges for web pages, an Atom feed of builds.
class FeedRoutes {
public:
    explicit FeedRoutes(const PageSite& site) : site_(site) {}

    void declare(RouteTable& routes);

private:
    void feed(const HttpRequest& request, HttpResponse& response) const;
    void buildBadge(const HttpRequest& request, HttpResponse& response) const;
    void packageBadge(const HttpRequest& request, HttpResponse& response) const;
    void sendBadge(HttpResponse& response, const std::string& label, const Build* build) const;

    const PageSite& site_;
};

} // namespace apbfarm::api

// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

namespace apbfarm::api {

/// Lists of builds: the latest of all, those of a package, and one's own.
class HistoryRoutes {
public:
    explicit HistoryRoutes(BuildStore& store) : store_(store) {}

    void declare(RouteTable& routes);

private:
    void latest(const HttpRequest& request, HttpResponse& response);
    void ofPackage(const HttpRequest& request, HttpResponse& response);
    void latestOfPackage(const HttpRequest& request, HttpResponse& response);
    void latestByArchitecture(const HttpRequest& request, HttpResponse& response);
    void mine(const HttpRequest& request, HttpResponse& response);

    BuildStore& store_;
};

} // namespace apbfarm::api

// SPDX-License-Identifier: MIT
#pragma once

#include "build_table.h"

#include <apbfarm/http.h>

namespace apbfarm::server {

/// Lists of builds, newest first, each build once.
class ListRoutes {
public:
    explicit ListRoutes(BuildTable& table) : table_(table) {}

    void declare(RouteTable& routes);

private:
    void latest(const HttpRequest& request, HttpResponse& response);
    void ofPackage(const HttpRequest& request, HttpResponse& response);
    void latestOfPackage(const HttpRequest& request, HttpResponse& response);
    void downloadLatest(const HttpRequest& request, HttpResponse& response);

    BuildRecord newest(const HttpRequest& request, bool successfulOnly) const;

    BuildTable& table_;
};

} // namespace apbfarm::server

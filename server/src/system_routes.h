// SPDX-License-Identifier: MIT
#pragma once

#include "build_engine.h"
#include "system_info.h"

#include <apbfarm/http.h>

namespace apbfarm::server {

/// What the server says about itself, and its clean-up.
class SystemRoutes {
public:
    SystemRoutes(const Settings& settings, BuildTable& table, const BuildEngine& engine);

    void declare(RouteTable& routes);

private:
    void root(const HttpRequest& request, HttpResponse& response);
    void health(const HttpRequest& request, HttpResponse& response);
    void cleanUp(const HttpRequest& request, HttpResponse& response);

    std::string systemInfo();
    std::string queueStatus() const;

    const Settings& settings_;
    BuildTable& table_;
    const BuildEngine& engine_;
    ProcessorMeter processors_;
};

} // namespace apbfarm::server

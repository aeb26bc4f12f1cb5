// SPDX-License-Identifier: MIT
#pragma once

#include "build_engine.h"
#include "submission.h"

#include <apbfarm/http.h>

namespace apbfarm::server {

/// Submitting, following, cancelling one build; its files.
class BuildRoutes {
public:
    BuildRoutes(const Settings& settings, BuildTable& table, BuildEngine& engine);

    void declare(RouteTable& routes);

private:
    void submit(const HttpRequest& request, HttpResponse& response);
    void status(const HttpRequest& request, HttpResponse& response);
    void output(const HttpRequest& request, HttpResponse& response);
    void stream(const HttpRequest& request, HttpResponse& response);
    void cancel(const HttpRequest& request, HttpResponse& response);
    void download(const HttpRequest& request, HttpResponse& response);
    void packages(const HttpRequest& request, HttpResponse& response);
    void details(const HttpRequest& request, HttpResponse& response);
    void view(const HttpRequest& request, HttpResponse& response);
    void confirmCancel(const HttpRequest& request, HttpResponse& response);

    BuildRecord recordOf(const HttpRequest& request) const;
    std::optional<std::uint64_t> logSize(const BuildId& id) const;

    const Settings& settings_;
    BuildTable& table_;
    BuildEngine& engine_;
    Submission submission_;
};

} // namespace apbfarm::server

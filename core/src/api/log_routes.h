// SPDX-License-Identifier: MIT
#pragma once

#include "api/build_routes.h"
#include "files/compressed_logs.h"
#include "files/log_outline.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// What the log view asks for beyond lines and the stream. For those who may see whole logs (Z6).
class LogRoutes {
public:
    LogRoutes(const BuildReader& reader, files::LogStore& logs, files::LogOutlines& outlines,
              files::CompressedLogs& compressed)
        : reader_(reader), logs_(logs), outlines_(outlines), compressed_(compressed)
    {
    }

    void declare(RouteTable& routes);

private:
    void outline(const HttpRequest& request, HttpResponse& response);
    void search(const HttpRequest& request, HttpResponse& response);
    void download(const HttpRequest& request, HttpResponse& response);

    const BuildReader& reader_;
    files::LogStore& logs_;
    files::LogOutlines& outlines_;
    files::CompressedLogs& compressed_;
};

} // namespace apbfarm::api

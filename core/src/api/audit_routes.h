// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <filesystem>

namespace apbfarm::api {

/// Who did what: page by page, and as a file. For administrators.
class AuditRoutes {
public:
    /// `temporary` is a private folder; exports lie there, nameless, while they are sent.
    AuditRoutes(AuditStore& audit, std::filesystem::path temporary) : audit_(audit), temporary_(std::move(temporary)) {}

    void declare(RouteTable& routes);

private:
    void list(const HttpRequest& request, HttpResponse& response) const;
    void exportAll(const HttpRequest& request, HttpResponse& response) const;

    AuditStore& audit_;
    std::filesystem::path temporary_;
};

} // namespace apbfarm::api

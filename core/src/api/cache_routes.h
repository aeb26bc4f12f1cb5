// SPDX-License-Identifier: MIT
#pragma once

#include "service/artifact_retention.h"

#include <apbfarm/http.h>

#include <functional>
#include <string>

namespace apbfarm::api {

/// What `GET /admin/cache` says about the settings.
struct CacheFacts {
    bool enabled = true;
    int retentionDays = 0;
    std::string directory;
    std::uint64_t maxBytes = 0;
};

/// The store of finished packages and logs, for administrators.
class CacheRoutes {
public:
    using CleanUp = std::function<service::ArtifactRetention::Removed()>;

    CacheRoutes(const service::ArtifactRetention& retention, const util::Clock& clock, std::function<CacheFacts()> facts,
                CleanUp cleanUp)
        : retention_(retention), clock_(clock), facts_(std::move(facts)), cleanUp_(std::move(cleanUp))
    {
    }

    void declare(RouteTable& routes);

private:
    void show(HttpResponse& response) const;
    void cleanUp(HttpResponse& response) const;

    const service::ArtifactRetention& retention_;
    const util::Clock& clock_;
    const std::function<CacheFacts()> facts_;
    const CleanUp cleanUp_;
};

} // namespace apbfarm::api

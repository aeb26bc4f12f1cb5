// SPDX-License-Identifier: MIT
#pragma once

#include "build_engine.h"
#include "build_routes.h"
#include "list_routes.h"
#include "secret_door.h"
#include "server_errors.h"
#include "system_routes.h"

#include "http/http_server.h"
#include "http/router.h"

#include <memory>

namespace apbfarm::server {

/// All parts of the build server, in the order in which they need each other. Serves while it exists.
class BuildServer {
public:
    using Report = BuildEngine::Report;

    /// `builder`, `report` and what they use must outlive it. Throws `InvalidInput` when the
    /// secrets cannot be read, and other things when the builds cannot or the address not be bound.
    BuildServer(const Settings& settings, const Builder& builder, const Account& account, const Report& report);

    std::uint16_t port() const { return http_->port(); }
    /// Lets running requests end, then ends running builds. Idempotent.
    void stop();

private:
    http::ServerOptions httpOptions() const;
    void answerTo(const std::exception& error, const HttpRequest& request, HttpResponse& response);

    const Settings settings_;
    const Account account_;
    BuildTable table_;
    std::unique_ptr<BuildEngine> engine_;
    std::unique_ptr<BuildRoutes> builds_;
    ListRoutes lists_;
    std::unique_ptr<SystemRoutes> system_;
    SecretDoor door_;
    http::Router router_;
    std::unique_ptr<http::HttpServer> http_;   // last: nobody asks before or after all else is there
};

} // namespace apbfarm::server

// SPDX-License-Identifier: MIT
#pragma once

#include "build_engine.h"
#include "build_routes.h"
#include "list_routes.h"
#include "server_errors.h"
#include "system_routes.h"

#include "http/http_server.h"
#include "http/router.h"

#include <memory>

namespace apbfarm::server {

/// Nobody signs in on a build server; who may reach it is decided by the network.
class OpenDoor final : public http::Gatekeeper {
public:
    std::optional<Principal> identify(std::string_view, std::string_view, std::string_view) override
    {
        return std::nullopt;
    }
};

/// All parts of the build server, in the order in which they need each other. Serves while it exists.
class BuildServer {
public:
    using Report = BuildEngine::Report;

    /// `builder`, `report` and what they use must outlive it. Throws when the builds cannot be read or the address not bound.
    BuildServer(const Settings& settings, const Builder& builder, const Account& account, const Report& report);

    std::uint16_t port() const { return http_->port(); }
    /// Lets running requests end, then ends running builds. Idempotent.
    void stop();

private:
    http::ServerOptions httpOptions() const;

    const Settings settings_;
    const Account account_;
    BuildTable table_;
    std::unique_ptr<BuildEngine> engine_;
    std::unique_ptr<BuildRoutes> builds_;
    ListRoutes lists_;
    std::unique_ptr<SystemRoutes> system_;
    http::Router router_;
    OpenDoor door_;
    std::unique_ptr<http::HttpServer> http_;   // last: nobody asks before or after all else is there
};

} // namespace apbfarm::server

// SPDX-License-Identifier: MIT
#pragma once

#include "http/error_mapping.h"
#include "http/http_server.h"
#include "http/router.h"
#include "support/temp_dir.h"
#include "unit/http/raw_client.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace apbfarm::test {

/// Knows the tokens "user" and "admin"; revoked ones no longer.
class TokenGatekeeper final : public http::Gatekeeper {
public:
    std::optional<Principal> identify(std::string_view authorization, std::string_view cookie,
                                      std::string_view) override
    {
        ++asked;
        if (!valid)
            return {};
        if (authorization == "Bearer user" || cookie == "token=user")
            return Principal{2, "alice", Role::User, 1};
        if (authorization == "Bearer admin")
            return Principal{1, "root", Role::Admin, 2};
        return {};
    }
    void checkOrigin(const HttpRequest& head) override
    {
        if (head.header("Origin") == "https://evil.example.org")
            throw Forbidden("Foreign origin");
    }

    std::atomic<int> asked{0};
    std::atomic<bool> valid{true};
};

/// A running server. Add routes and change options first, then `start`.
struct ServerFixture {
    ServerFixture()
    {
        options.temporaryDirectory = temporary.path();
        options.loops = 2;
    }

    void start()
    {
        server.emplace(options, router, gatekeeper, &http::renderFarmError,
                       [this](const http::RequestRecord&) { ++observed; });
    }
    RawClient client(int receiveBuffer = 0) { return RawClient(server->port(), receiveBuffer); }
    /// One request on a connection of its own.
    RawAnswer ask(std::string_view request, bool headOnly = false) { return client().ask(request, headOnly); }

    /// Answers "METHOD path-parameter body" from memory on the loop.
    void addEcho()
    {
        router.add({Method::Get, "/echo", Access::Guest, echo(), BodyKind::None, RunsOn::Loop});
        router.add({Method::Get, "/item/{id}", Access::Guest, echo(), BodyKind::None, RunsOn::Loop});
        router.add({Method::Post, "/echo", Access::Guest, echo(), BodyKind::Json, RunsOn::Loop});
        router.add({Method::Delete, "/item/{id}", Access::Guest, echo()});
    }
    Handler echo()
    {
        return [this](const HttpRequest& request, HttpResponse& response) {
            ++handled;
            response.send(200, "text/plain",
                          std::string(request.method()) + ' ' + std::string(request.param("id")) + ' ' +
                              std::string(request.body()));
        };
    }

    TempDir temporary;
    http::ServerOptions options;
    http::Router router;
    TokenGatekeeper gatekeeper;
    std::atomic<int> handled{0};
    std::atomic<int> observed{0};
    std::optional<http::HttpServer> server;
};

/// Waits until it holds, at most ten seconds.
inline bool eventually(const std::function<bool()>& condition)
{
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace apbfarm::test

// SPDX-License-Identifier: MIT
#pragma once

#include "http/body_reader.h"
#include "http/quota.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server_context.h"

#include <chrono>
#include <exception>
#include <memory>

namespace apbfarm::http {

/// One request and its answer. Belongs to one connection at a time and is used again.
struct Exchange {
    explicit Exchange(const DefaultHeaders& defaults) : response(defaults, request) {}

    /// Finds the route and the caller. Throws for all that is refused before a body is read (H14-H16, X2).
    /// Sets the answer when the request needs no handler (OPTIONS).
    void admit(ServerContext& server, const std::string& peer);
    /// Prepares for the body or the lack of one. Throws for what its declaration already rules out.
    void expectBody(ServerContext& server);
    /// Calls the handler. What it throws becomes the answer.
    void handle(ServerContext& server) noexcept;
    /// Replaces the answer by one that tells the error.
    void fail(ServerContext& server, const std::exception& error) noexcept;
    /// Drops an unfinished body. A large one goes to a worker: freeing its pages would hold the loop up.
    void dropBody(ServerContext& server);
    void clear();

    Request request;
    Response response;
    std::unique_ptr<BodyReader> body;
    QuotaLease spooling;
    std::string forOtherSite;   ///< header lines for a page of another site that may read the answer; survives errors
    std::chrono::steady_clock::time_point started;

private:
    void greetOtherSite(ServerContext& server);
    void authorise(ServerContext& server);
    void takeSpoolLease(ServerContext& server);
};

} // namespace apbfarm::http

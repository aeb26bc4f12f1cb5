// SPDX-License-Identifier: MIT
#pragma once

#include "http/client_address.h"
#include "http/form_reader.h"
#include "http/http_server.h"
#include "http/quota.h"
#include "http/response.h"
#include "http/router.h"
#include "http/worker_pool.h"
#include "util/ip_address.h"

namespace apbfarm::http {

/// What all event loops and connections of one server share. All of it is thread-safe or constant.
struct ServerContext {
    ServerContext(ServerOptions given, const Router& routes, Gatekeeper& keeper, ErrorRenderer render,
                  RequestObserver watch);

    /// The key a quota counts this address under; empty for those that may use all of it.
    std::string quotaKey(const std::string& address) const
    {
        return util::isLoopback(address) || proxies.has(address) ? std::string() : address;
    }

    const ServerOptions options;
    const Router& router;
    Gatekeeper& gatekeeper;
    const ErrorRenderer renderError;
    const RequestObserver observe;
    const DefaultHeaders defaults;
    const TrustedProxies proxies;
    WorkerPool spoolWriters;
    const FormLimits formLimits;
    Quota connections, streams, spooling;
    WorkerPool pool;
};

} // namespace apbfarm::http

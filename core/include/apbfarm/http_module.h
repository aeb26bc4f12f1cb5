// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <exception>
#include <string>

namespace apbfarm {

/// Adds routes to the farm's HTTP front.
///
/// `declare` is called once, before the first request. Handlers run on the worker threads, concurrently, and end
/// before the module is destroyed. A handler that throws harms only its own request.
class APB_FARM_VISIBLE HttpModule {
public:
    virtual ~HttpModule() = default;

    /// What every pattern of this module begins with, "/admin/smtp" for example. The farm refuses others.
    virtual std::string mountPoint() const = 0;
    virtual void declare(RouteTable& routes) = 0;

    /// Turns an exception into this module's own error shape. False (the default): the farm's shape is used.
    virtual bool renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response)
    {
        (void)error, (void)request, (void)response;
        return false;
    }
};

} // namespace apbfarm

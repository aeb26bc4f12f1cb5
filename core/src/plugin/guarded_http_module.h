// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_guard.h"

#include <apbfarm/http_module.h>

#include <memory>
#include <string>

namespace apbfarm::plugin {

/// An HTTP module that keeps to its mount point and whose unexpected exceptions are logged under its name.
///
/// The SDK's errors pass on to be rendered; all else passes on as a standard exception, so that the HTTP layer
/// answers 500 to that request alone (R13).
class GuardedHttpModule final : public HttpModule {
public:
    /// Throws std::logic_error when the mount point is not an absolute path below "/".
    GuardedHttpModule(std::unique_ptr<HttpModule> inner, PluginGuard& guard);

    std::string mountPoint() const override { return mountPoint_; }
    /// Throws `PluginError` for a pattern outside the mount point and when the plugin throws.
    void declare(RouteTable& routes) override;
    bool renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response) override;

private:
    std::unique_ptr<HttpModule> inner_;
    PluginGuard& guard_;
    std::string mountPoint_;
};

} // namespace apbfarm::plugin

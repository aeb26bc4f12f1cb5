// SPDX-License-Identifier: MIT
#include "plugin/guarded_http_module.h"

#include "plugin/plugin_error.h"

#include <stdexcept>

namespace apbfarm::plugin {

namespace {

bool isBelow(const std::string& mountPoint, const std::string& pattern)
{
    return pattern == mountPoint || pattern.starts_with(mountPoint + "/");
}

Handler guarded(Handler handler, PluginGuard& guard)
{
    return [handler = std::move(handler), &guard](const HttpRequest& request, HttpResponse& response) {
        std::string failure;
        guard.call<Error>("handler", false, [&] {
            try {
                handler(request, response);
            } catch (const Error&) {
                throw;
            } catch (...) {
                failure = describeCurrentException() + " (request " + std::string(request.requestId()) + ")";
                throw std::runtime_error(failure);
            }
            return true;
        });
        if (!failure.empty())
            throw std::runtime_error(failure);
    };
}

class MountedRoutes final : public RouteTable {
public:
    MountedRoutes(RouteTable& target, std::string mountPoint, PluginGuard& guard)
        : target_(target), mountPoint_(std::move(mountPoint)), guard_(guard)
    {
    }

    void add(Route route) override
    {
        if (!isBelow(mountPoint_, route.pattern))
            throw PluginError("The " + guard_.extension() + " declares the route '" + route.pattern + "' outside of its own '" +
                              mountPoint_ + "'. Remove the plugin from plugins.load, or correct it.");
        if (!route.handler)
            throw PluginError("The " + guard_.extension() + " declares the route '" + route.pattern + "' without a handler.");
        route.handler = guarded(std::move(route.handler), guard_);
        target_.add(std::move(route));
    }

private:
    RouteTable& target_;
    std::string mountPoint_;
    PluginGuard& guard_;
};

} // namespace

GuardedHttpModule::GuardedHttpModule(std::unique_ptr<HttpModule> inner, PluginGuard& guard)
    : inner_(std::move(inner)), guard_(guard), mountPoint_(inner_->mountPoint())
{
    if (mountPoint_.size() < 2 || mountPoint_.front() != '/' || mountPoint_.back() == '/')
        throw std::logic_error("The mount point '" + mountPoint_ + "' is not a path such as '/admin/smtp'");
}

void GuardedHttpModule::declare(RouteTable& routes)
{
    MountedRoutes mounted(routes, mountPoint_, guard_);
    try {
        inner_->declare(mounted);
    } catch (const PluginError&) {
        throw;
    } catch (...) {
        throw PluginError("The routes of the " + guard_.extension() + " cannot be used: " + describeCurrentException() +
                          ".");
    }
}

bool GuardedHttpModule::renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response)
{
    return guard_.call("renderError", false, [&] { return inner_->renderError(error, request, response); });
}

} // namespace apbfarm::plugin

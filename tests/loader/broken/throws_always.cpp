// SPDX-License-Identifier: MIT
// Fills every extension point but the storage with objects that throw at every call, each something else.
#include <apbfarm/plugin.h>

#include <Poco/Exception.h>

namespace {

using namespace apbfarm;

struct Oddity {};

struct ThrowingScheduler final : Scheduler {
    Placement pick(const Build&, std::span<const ServerSnapshot>) override { throw Oddity(); }
};

struct ThrowingAuthenticator final : Authenticator {
    std::optional<Identity> authenticate(const Credentials&) override { throw Poco::IOException("directory"); }
};

struct ThrowingNotifier final : Notifier {
    bool enabled() override { throw std::runtime_error("enabled"); }
    void deliver(const Notification&) override { throw Oddity(); }
};

struct ThrowingModule final : HttpModule {
    std::string mountPoint() const override { return "/odd"; }
    void declare(RouteTable& routes) override
    {
        routes.get("/odd", Access::Admin, [](const HttpRequest&, HttpResponse&) { throw Oddity(); });
    }
    bool renderError(const std::exception&, const HttpRequest&, HttpResponse&) override { throw Oddity(); }
};

struct GreedyModule final : HttpModule {
    std::string mountPoint() const override { return "/greedy"; }
    void declare(RouteTable& routes) override
    {
        routes.get("/auth/users", Access::Guest, [](const HttpRequest&, HttpResponse&) {});
    }
};

template <class Extension, class Made> Provider<Extension> provider(const std::string& name)
{
    return {name, "Misbehaves", {}, [](ExtensionContext&) { return std::make_unique<Made>(); }};
}

} // namespace

APB_FARM_PLUGIN("scheduler-throws-always", "1.0.0")
{
    registry.add(provider<Scheduler, ThrowingScheduler>("odd"));
    registry.add(provider<Authenticator, ThrowingAuthenticator>("odd"));
    registry.add(provider<Notifier, ThrowingNotifier>("odd"));
    registry.add(provider<HttpModule, ThrowingModule>("odd"));
    registry.add(provider<HttpModule, GreedyModule>("greedy"));
}

// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/conformance/suite.h>
#include <apbfarm/http_module.h>

#include <memory>
#include <set>

/// What every `HttpModule` must do, whatever it answers: the promises of <apbfarm/http_module.h>.
namespace apbfarm::conformance {

using MakeHttpModule = std::function<std::unique_ptr<HttpModule>()>;

/// A route table that only remembers.
class DeclaredRoutes final : public RouteTable {
public:
    void add(Route route) override { all.push_back(std::move(route)); }

    std::vector<Route> all;
};

inline std::vector<Route> routesOf(HttpModule& module)
{
    DeclaredRoutes routes;
    module.declare(routes);
    return std::move(routes.all);
}

inline void theMountPointIsAPathBelowTheRoot(const MakeHttpModule& make)
{
    const auto module = make();
    const auto mount = module->mountPoint();
    APB_FARM_CONFORM(mount.size() > 1 && mount.front() == '/' && mount.back() != '/');
    APB_FARM_CONFORM(mount.find("//") == std::string::npos && module->mountPoint() == mount);
}

inline void everyRouteLiesBelowTheMountPoint(const MakeHttpModule& make)
{
    const auto module = make();
    const auto routes = routesOf(*module);
    APB_FARM_CONFORM(!routes.empty());
    for (const auto& route : routes)
        APB_FARM_CONFORM(route.pattern == module->mountPoint() || route.pattern.starts_with(module->mountPoint() + "/"));
}

inline void everyRouteHasAHandlerAndIsThereOnce(const MakeHttpModule& make)
{
    const auto module = make();
    std::set<std::pair<Method, std::string>> seen;
    for (const auto& route : routesOf(*module)) {
        APB_FARM_CONFORM(route.handler != nullptr);
        APB_FARM_CONFORM(seen.emplace(route.method, route.pattern).second);
    }
}

/// A farm starts often; its tables are there the second time.
inline void aSecondStartFindsWhatTheFirstMade(const MakeHttpModule& make)
{
    std::size_t first = 0;
    {
        const auto module = make();
        first = routesOf(*module).size();
    }
    const auto module = make();
    APB_FARM_CONFORM(routesOf(*module).size() == first);
}

/// `make` gives the module, over the same storage each time.
inline std::vector<Case> httpModuleCases(const MakeHttpModule& make)
{
    const auto with = [&make](void (*check)(const MakeHttpModule&)) { return [make, check] { check(make); }; };
    return {{"the_mount_point_is_a_path_below_the_root", with(theMountPointIsAPathBelowTheRoot)},
            {"every_route_lies_below_the_mount_point", with(everyRouteLiesBelowTheMountPoint)},
            {"every_route_has_a_handler_and_is_there_once", with(everyRouteHasAHandlerAndIsThereOnce)},
            {"a_second_start_finds_what_the_first_made", with(aSecondStartFindsWhatTheFirstMade)}};
}

} // namespace apbfarm::conformance

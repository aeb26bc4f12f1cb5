// SPDX-License-Identifier: MIT
#include "plugin/guarded_http_module.h"
#include "plugin/plugin_error.h"
#include "support/http_exchange.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace apbfarm;

namespace {

struct LambdaModule final : HttpModule {
    LambdaModule(std::string mount, std::function<void(RouteTable&)> routes)
        : mount(std::move(mount)), routes(std::move(routes))
    {
    }
    std::string mountPoint() const override { return mount; }
    void declare(RouteTable& table) override { routes(table); }
    bool renderError(const std::exception&, const HttpRequest&, HttpResponse&) override { throw 1; }
    std::string mount;
    std::function<void(RouteTable&)> routes;
};

struct ModuleFixture {
    plugin::GuardedHttpModule module(std::function<void(RouteTable&)> routes, std::string mount = "/admin/odd")
    {
        return {std::make_unique<LambdaModule>(std::move(mount), std::move(routes)), guard};
    }
    plugin::GuardedHttpModule declared(Handler handler)
    {
        auto guarded = module([=](RouteTable& table) { table.get("/admin/odd/thing", Access::Admin, handler); });
        guarded.declare(table);
        return guarded;
    }

    test::LogLines log{"module-test"};
    test::ManualClock clock;
    plugin::PluginGuard guard{"HTTP module odd", log.logger(), clock, std::chrono::seconds(1)};
    test::CollectedRoutes table;
    test::ReceivedRequest request;
    test::SentResponse response;
};

} // namespace

BOOST_AUTO_TEST_SUITE(GuardedHttpModule)

BOOST_FIXTURE_TEST_CASE(declares_routes_at_and_below_its_mount_point_with_their_access, ModuleFixture)
{
    const auto handler = [](const HttpRequest&, HttpResponse& out) { out.json(200, "{}"); };
    auto guarded = module([&](RouteTable& routes) {
        routes.get("/admin/odd", Access::Admin, handler);
        routes.post("/admin/odd/x", Access::User, BodyKind::Json, handler);
    });
    guarded.declare(table);
    BOOST_TEST(table.routes.size() == 2u);
    BOOST_CHECK(table.routes[1].access == Access::User);
    table.routes[0].handler(request, response);
    BOOST_TEST(response.status == 200);
}

BOOST_FIXTURE_TEST_CASE(refuses_routes_outside_of_its_mount_point_R13, ModuleFixture)
{
    for (const std::string pattern : {"/admin", "/admin/oddity", "/build/{id}/cancel", "/"}) {
        auto guarded = module([&](RouteTable& routes) { routes.get(pattern, Access::Guest, [](auto&, auto&) {}); });
        BOOST_CHECK_THROW(guarded.declare(table), plugin::PluginError);
    }
    BOOST_TEST(table.routes.empty());
}

BOOST_FIXTURE_TEST_CASE(refuses_a_mount_point_that_would_cover_the_farm, ModuleFixture)
{
    for (const std::string mount : {"", "/", "admin", "/admin/"})
        BOOST_CHECK_THROW(module([](RouteTable&) {}, mount), std::logic_error);
}

BOOST_FIXTURE_TEST_CASE(refuses_a_route_without_handler, ModuleFixture)
{
    auto guarded = module([](RouteTable& routes) { routes.get("/admin/odd", Access::Admin, nullptr); });
    BOOST_CHECK_THROW(guarded.declare(table), plugin::PluginError);
}

BOOST_FIXTURE_TEST_CASE(an_sdk_error_of_a_handler_keeps_its_type_and_is_no_failure, ModuleFixture)
{
    auto guarded = declared([](const HttpRequest&, HttpResponse&) { throw NotFound("none"); });
    BOOST_CHECK_THROW(table.routes[0].handler(request, response), NotFound);
    BOOST_TEST(guard.report().failures == 0u);
}

BOOST_FIXTURE_TEST_CASE(another_exception_of_a_handler_is_logged_with_plugin_and_request_G3, ModuleFixture)
{
    auto guarded = declared([](const HttpRequest&, HttpResponse&) { throw 17; });
    BOOST_CHECK_THROW(table.routes[0].handler(request, response), std::runtime_error);
    BOOST_TEST(log.contain("HTTP module odd failed in handler"));
    BOOST_TEST(log.contain("request " + request.id));
}

BOOST_FIXTURE_TEST_CASE(a_failing_error_renderer_leaves_it_to_the_farm, ModuleFixture)
{
    auto guarded = module([](RouteTable&) {});
    BOOST_TEST(!guarded.renderError(std::runtime_error("x"), request, response));
}

BOOST_AUTO_TEST_SUITE_END()

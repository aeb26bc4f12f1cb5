// SPDX-License-Identifier: MIT
#include "http/router.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using http::Router;

namespace {

struct Routes {
    Routes()
    {
        for (const auto* pattern : {"/", "/build/{id}/status", "/build/latest/status", "/build/{id}", "/users/{name}"})
            router.get(pattern, Access::Guest, handler);
        router.post("/build/{build}/cancel", Access::User, BodyKind::None, handler);
        router.post("/users/me", Access::User, BodyKind::Json, handler);
        router.remove("/build/{id}", Access::Admin, handler);
    }
    std::string patternOf(const std::string& method, std::vector<std::string> segments)
    {
        const auto match = router.find(method, segments);
        return match.route ? match.route->pattern : "405 " + std::string(match.allowed);
    }

    Handler handler = [](const HttpRequest&, HttpResponse&) {};
    Router router;
};

} // namespace

BOOST_AUTO_TEST_SUITE(RouterTree)

BOOST_FIXTURE_TEST_CASE(finds_literals_before_parameters, Routes)
{
    BOOST_TEST(patternOf("GET", {}) == "/");
    BOOST_TEST(patternOf("GET", {"build", "7", "status"}) == "/build/{id}/status");
    BOOST_TEST(patternOf("GET", {"build", "latest", "status"}) == "/build/latest/status");
    BOOST_TEST(patternOf("POST", {"build", "latest", "cancel"}) == "/build/{build}/cancel");
    BOOST_TEST(patternOf("GET", {"users", "me"}) == "/users/{name}");
}

BOOST_FIXTURE_TEST_CASE(names_parameters_as_each_route_does, Routes)
{
    const std::vector<std::string> segments = {"build", "7", "cancel"};
    const auto match = router.find("POST", segments);
    BOOST_TEST(match.params.size() == 1u);
    BOOST_TEST(match.params[0].first == "build");
    BOOST_TEST(match.params[0].second == "7");
}

BOOST_FIXTURE_TEST_CASE(tells_wrong_methods_from_unknown_paths_H15, Routes)
{
    BOOST_TEST(patternOf("HEAD", {"build", "7"}) == "/build/{id}");
    BOOST_TEST(patternOf("PUT", {"build", "7"}) == "405 GET, HEAD, DELETE");
    BOOST_TEST(patternOf("OPTIONS", {"users", "me"}) == "405 POST");
    BOOST_TEST(patternOf("GET", {"build"}) == "405 ");
    BOOST_TEST(patternOf("GET", {"build", "7", "status", "x"}) == "405 ");
    BOOST_TEST(patternOf("GET", {"build", ""}) == "405 ");
}

BOOST_FIXTURE_TEST_CASE(refuses_a_second_route_for_the_same_place, Routes)
{
    BOOST_CHECK_THROW(router.get("/build/{other}", Access::Guest, handler), std::logic_error);
    BOOST_CHECK_THROW(router.get("build", Access::Guest, handler), std::logic_error);
    BOOST_CHECK_THROW(router.get("/a//b", Access::Guest, handler), std::logic_error);
    BOOST_TEST(router.routes().size() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()

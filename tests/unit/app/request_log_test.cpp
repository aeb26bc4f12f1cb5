// SPDX-License-Identifier: MIT
#include "app/request_log.h"

#include "support/log_lines.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

std::string logged(std::string_view target, const Route* route)
{
    test::LogLines log("requests");
    http::RequestRecord record;
    record.method = "GET";
    record.target = target;
    record.route = route;
    record.status = 200;
    app::logRequest(log.logger(), record);
    return log.lines().at(0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(RequestLog)

BOOST_AUTO_TEST_CASE(only_what_the_route_takes_of_a_query_is_in_the_log_C2)
{
    const Route route{Method::Get, "/builds", Access::Guest, {}, BodyKind::None, RunsOn::Loop, "", 0,
                      {.parameters = {{"limit", "integer", ""}}}};
    const auto shows = [&](std::string_view target, const Route* declared, std::string_view part) {
        const auto line = logged(target, declared);
        BOOST_TEST(line.find(std::string("GET ") + std::string(part) + " 200") != line.npos, line);
    };
    shows("/builds?limit=5", &route, "/builds?limit=5");
    shows("/builds?limit=5&token=CANARY", &route, "/builds?limit=5&token=***");
    shows("/builds?CANARY", &route, "/builds?***");
    shows("/builds?%6cimit=CANARY&=CANARY", &route, "/builds?%6cimit=***&=***");
    shows("/nothing?limit=5", nullptr, "/nothing?limit=***");
    shows("/builds", &route, "/builds");
}

BOOST_AUTO_TEST_SUITE_END()

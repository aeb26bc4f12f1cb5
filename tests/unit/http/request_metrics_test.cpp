// SPDX-License-Identifier: MIT
#include "http/request_metrics.h"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct Routed {
    Routed()
    {
        const auto handler = [](const HttpRequest&, HttpResponse&) {};
        router.get("/a", Access::Guest, handler);
        router.get("/b/{id}", Access::Guest, handler);
        metrics = std::make_unique<http::RequestMetrics>(router);
    }

    http::Router router;
    std::unique_ptr<http::RequestMetrics> metrics;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(RequestMetrics, Routed)

BOOST_AUTO_TEST_CASE(answers_are_counted_by_route_and_status)
{
    const auto* b = router.routes()[1].get();
    metrics->add(b, 200, 1ms);
    metrics->add(b, 200, 1ms);
    metrics->add(b, 404, 1ms);
    metrics->add(b, 418, 1ms);
    metrics->add(nullptr, 404, 1ms);
    const auto reports = metrics->report();
    BOOST_REQUIRE(reports.size() == 2u);
    BOOST_TEST(reports[0].route == b);
    const std::vector<std::pair<int, std::uint64_t>> expected{{0, 1}, {200, 2}, {404, 1}};
    BOOST_TEST((reports[0].statuses == expected));
    BOOST_TEST(reports[0].durations.count == 4u);
    BOOST_TEST(!reports[1].route);
}

BOOST_AUTO_TEST_CASE(no_answer_is_lost_when_many_threads_count)
{
    const auto* a = router.routes()[0].get();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 10000; ++n)
                    metrics->add(a, 200, 1ms);
            });
    }
    BOOST_TEST(metrics->report().front().statuses.front().second == 40000u);
    BOOST_TEST(metrics->report().front().durations.count == 40000u);
}

BOOST_AUTO_TEST_SUITE_END()

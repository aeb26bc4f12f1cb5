// SPDX-License-Identifier: MIT
// One connection may be lost for want of memory, never the server.
#include "http/worker_pool.h"
#include "support/short_memory.h"
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

/// GET /worker/N and /loop/N answer on such a thread, whose N-th allocation from then on fails.
struct Short : ServerFixture {
    Short()
    {
        options.loops = 1;
        for (const auto& [path, runsOn] : {std::pair("/worker/{at}", RunsOn::Worker), {"/loop/{at}", RunsOn::Loop}})
            router.add({Method::Get, path, Access::Guest,
                        [](const HttpRequest& request, HttpResponse& response) {
                            failAllocations(std::stol(std::string(request.param("at"))));
                            response.send(200, "text/plain", std::string(1000, 'x'));
                        },
                        BodyKind::None, runsOn});
        start();
    }
    /// An answer or the end of the connection, whichever request it is.
    void askAll(const std::string& path)
    {
        for (int at = 1; at <= 60; ++at) {
            auto connection = client();
            const auto answer = connection.ask("GET " + path + std::to_string(at) + " HTTP/1.1\r\nHost: farm\r\n\r\n");
            BOOST_TEST((answer.status != 0 || connection.isClosed()), path << at);
        }
        BOOST_TEST(eventually([&] { return ask("GET " + path + "1000000 HTTP/1.1\r\nHost: farm\r\n\r\n").status == 200; }));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ServerShortOfMemory)

BOOST_FIXTURE_TEST_CASE(a_worker_without_memory_costs_one_answer_at_most, Short)
{
    askAll("/worker/");
}

BOOST_FIXTURE_TEST_CASE(an_event_loop_without_memory_costs_one_connection_at_most, Short)
{
    askAll("/loop/");
}

BOOST_AUTO_TEST_CASE(a_job_without_memory_is_refused_or_done_and_the_next_one_is_done)
{
    for (long at = 1;; ++at) {
        http::WorkerPool pool(1, 10);
        std::atomic<int> done = 0;
        std::optional<bool> accepted;
        const std::function<void()> job = [&] { ++done; };
        const bool lacked = lacking(at, [&] { accepted = pool.submit(job); });
        BOOST_TEST_REQUIRE(accepted.has_value(), "it throws at allocation " << at);
        BOOST_TEST(pool.submit([&] { done += 10; }));
        pool.join();
        BOOST_TEST(done == (*accepted ? 11 : 10), "allocation " << at);
        if (!lacked)
            break;
    }
}

BOOST_AUTO_TEST_SUITE_END()

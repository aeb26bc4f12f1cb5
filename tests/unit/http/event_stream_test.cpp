// SPDX-License-Identifier: MIT
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

using std::chrono::milliseconds;

/// A log in memory: positions are byte offsets.
class LogSource final : public EventSource {
public:
    EventBlock at(std::uint64_t position) override
    {
        std::lock_guard lock(mutex_);
        ++asked;
        if (position < text_.size()) {
            auto bytes = std::make_shared<std::string>(text_.substr(position, 64 << 10));
            const auto next = position + bytes->size();
            return {std::move(bytes), next, ended_ && next == text_.size()};
        }
        return {nullptr, position, ended_};
    }
    std::shared_ptr<void> subscribe(std::function<void()> wake) override
    {
        std::lock_guard lock(mutex_);
        const auto id = ++lastId_;
        wakes_[id] = std::move(wake);
        return {nullptr, [this, id](void*) {
                    std::lock_guard guard(mutex_);
                    wakes_.erase(id);
                }};
    }
    void append(const std::string& text, bool end = false)
    {
        std::lock_guard lock(mutex_);
        text_ += text;
        ended_ = end;
        for (const auto& [id, wake] : wakes_)
            wake();
    }
    std::size_t subscribers() const
    {
        std::lock_guard lock(mutex_);
        return wakes_.size();
    }

    std::atomic<int> asked{0};

private:
    mutable std::mutex mutex_;
    std::string text_;
    bool ended_ = false;
    int lastId_ = 0;
    std::map<int, std::function<void()>> wakes_;
};

struct Streams : ServerFixture {
    Streams()
    {
        const auto open = [this](const HttpRequest& request, HttpResponse& response) {
            const auto from = request.header("Last-Event-ID");
            response.stream(source, from ? std::stoull(std::string(*from)) : 0);
        };
        router.get("/stream", Access::Guest, open);
        router.get("/private", Access::User, open);
        addEcho();
    }
    RawClient viewer(const std::string& fields = {}, const std::string& path = "/stream", int receiveBuffer = 0)
    {
        auto connection = client(receiveBuffer);
        connection.send("GET " + path + " HTTP/1.1\r\nHost: farm\r\n" + fields + "\r\n");
        return connection;
    }

    std::shared_ptr<LogSource> source = std::make_shared<LogSource>();
};

} // namespace

BOOST_AUTO_TEST_SUITE(EventStream)

BOOST_FIXTURE_TEST_CASE(resumes_at_a_position_and_ends_keeping_the_connection_H25, Streams)
{
    source->append("data: one\n\n");
    start();
    auto all = viewer(), later = viewer("Last-Event-ID: 11\r\n");
    const auto head = all.receiveHead();
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.header("content-type") == "text/event-stream");
    BOOST_TEST(all.takeChunk() == "data: one\n\n");
    BOOST_TEST(later.receiveHead().status == 200);
    source->append("data: two\n\n");
    BOOST_TEST(all.takeChunk() == "data: two\n\n");
    BOOST_TEST(later.takeChunk() == "data: two\n\n");
    source->append("data: end\n\n", true);
    for (auto* connection : {&all, &later}) {
        BOOST_TEST(connection->takeChunk() == "data: end\n\n");
        BOOST_TEST(connection->takeChunk() == "");
        BOOST_TEST(connection->ask("GET /echo HTTP/1.1\r\nHost: farm\r\n\r\n").body == "GET  ");
    }
    BOOST_TEST(source->subscribers() == 0u);
    BOOST_TEST(server->counters().streams == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_stream_that_has_ended_before_is_just_an_answer, Streams)
{
    source->append(std::string(300000, 'x'), true);
    start();
    auto connection = viewer();
    BOOST_TEST((connection.receive().body == std::string(300000, 'x')));
    connection.send("GET /stream HTTP/1.1\r\nHost: farm\r\nLast-Event-ID: 300000\r\n\r\nGET /echo HTTP/1.1\r\nHost: farm\r\n\r\n");
    BOOST_TEST(connection.receive().body == "");
    BOOST_TEST(connection.receive().body == "GET  ");
}

BOOST_FIXTURE_TEST_CASE(old_clients_get_a_stream_that_ends_with_the_connection, Streams)
{
    source->append("data: one\n\n");
    start();
    auto connection = client();
    connection.send("GET /stream HTTP/1.0\r\n\r\n");
    const auto head = connection.receiveHead();
    BOOST_TEST(head.header("transfer-encoding").empty());
    BOOST_TEST(head.header("connection") == "close");
    source->append("data: end\n\n", true);
    BOOST_TEST(connection.receiveRest() == "data: one\n\ndata: end\n\n");
}

BOOST_FIXTURE_TEST_CASE(a_HEAD_request_does_not_open_a_stream, Streams)
{
    start();
    auto connection = client();
    BOOST_TEST(connection.ask("HEAD /stream HTTP/1.1\r\nHost: farm\r\n\r\n", true).status == 200);
    BOOST_TEST(connection.ask("GET /echo HTTP/1.1\r\nHost: farm\r\n\r\n").body == "GET  ");
    BOOST_TEST(server->counters().streams == 0u);
}

BOOST_FIXTURE_TEST_CASE(two_hundred_viewers_get_everything_from_one_subscription_per_loop_H25, Streams)
{
    start();
    std::vector<RawClient> viewers;
    for (int i = 0; i < 200; ++i) {
        viewers.push_back(viewer());
        BOOST_REQUIRE(viewers.back().receiveHead().status == 200);
    }
    BOOST_TEST(source->subscribers() <= 2u);
    std::string all;
    source->asked = 0;
    for (int i = 0; i < 50; ++i) {
        const auto line = "data: line " + std::to_string(i) + "\n\n";
        source->append(line, i == 49);
        all += line;
    }
    for (auto& connection : viewers) {
        std::string got;
        for (auto chunk = connection.takeChunk(); !chunk.empty(); chunk = connection.takeChunk())
            got += chunk;
        BOOST_REQUIRE(got == all);
    }
    BOOST_TEST(source->asked < 200 * 50);
}

BOOST_FIXTURE_TEST_CASE(a_slow_reader_does_not_disturb_others_H25, Streams)
{
    options.writeTimeout = milliseconds(1500);
    start();
    auto slow = viewer({}, "/stream", 4096), quick = viewer();
    BOOST_TEST(slow.receiveHead().status == 200);
    BOOST_TEST(quick.receiveHead().status == 200);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 20; ++i) {
        source->append(block);
        std::string got;
        while (got.size() < block.size())
            got += quick.takeChunk();
        BOOST_REQUIRE(got.size() == block.size());
    }
    // The slow one stalls for longer than the write timeout and is let go; the quick one stays.
    BOOST_TEST(eventually([this] { return server->counters().streams == 1; }));
    source->append("end", true);
    BOOST_TEST(quick.takeChunk() == "end");
}

BOOST_FIXTURE_TEST_CASE(a_viewer_that_hangs_up_is_forgotten, Streams)
{
    start();
    auto first = viewer(), second = viewer();
    BOOST_TEST(first.receiveHead().status == 200);
    BOOST_TEST(second.receiveHead().status == 200);
    BOOST_TEST(server->counters().streams == 2u);
    first.hangUp();
    BOOST_TEST(eventually([this] { return server->counters().streams == 1; }));
    second.endInput();
    BOOST_TEST(eventually([this] { return server->counters().connections == 0; }));
    BOOST_TEST(source->subscribers() == 0u);
}

BOOST_FIXTURE_TEST_CASE(sends_heartbeats_while_nothing_happens_H25, Streams)
{
    options.heartbeat = milliseconds(60);
    start();
    auto connection = viewer();
    BOOST_TEST(connection.receiveHead().status == 200);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(connection.takeChunk() == ": heartbeat\n\n");
    source->append("data: x\n\n", true);
    auto chunk = connection.takeChunk();
    while (chunk == ": heartbeat\n\n")
        chunk = connection.takeChunk();
    BOOST_TEST(chunk == "data: x\n\n");
}

BOOST_FIXTURE_TEST_CASE(limits_the_streams_in_all_and_per_address_H25, Streams)
{
    options.maxStreams = 3;
    options.maxStreamsPerAddress = 1;
    options.trustedProxies = {"127.0.0.1"};
    start();
    const auto from = [this](const std::string& address) { return viewer("X-Forwarded-For: " + address + "\r\n"); };
    auto first = from("10.0.0.1");
    BOOST_TEST(first.receiveHead().status == 200);
    auto again = from("10.0.0.1");
    const auto refused = again.receive();
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(!refused.header("retry-after").empty());
    BOOST_TEST(again.ask("GET /echo HTTP/1.1\r\nHost: farm\r\n\r\n").status == 200);
    auto second = from("10.0.0.2"), third = from("10.0.0.3");
    BOOST_TEST(second.receiveHead().status == 200);
    BOOST_TEST(third.receiveHead().status == 200);
    BOOST_TEST(from("10.0.0.4").receive().status == 429);
    first.hangUp();
    BOOST_TEST(eventually([&] { return from("10.0.0.1").receiveHead().status == 200; }));
}

BOOST_FIXTURE_TEST_CASE(a_revoked_token_ends_its_streams_within_a_second_H25, Streams)
{
    start();
    auto guest = viewer(), member = viewer("Authorization: Bearer user\r\n", "/private");
    BOOST_TEST(guest.receiveHead().status == 200);
    BOOST_TEST(member.receiveHead().status == 200);
    gatekeeper.valid = false;
    const auto revoked = std::chrono::steady_clock::now();
    BOOST_TEST(member.isClosed());
    BOOST_TEST((std::chrono::steady_clock::now() - revoked < milliseconds(1500)));
    source->append("data: x\n\n");
    BOOST_TEST(guest.takeChunk() == "data: x\n\n");
}

BOOST_FIXTURE_TEST_CASE(streams_end_when_the_server_stops_O5, Streams)
{
    start();
    auto connection = viewer();
    BOOST_TEST(connection.receiveHead().status == 200);
    server->stop();
    BOOST_TEST(connection.isClosed());
    BOOST_TEST(source->subscribers() == 0u);
    source->append("late");
}

BOOST_AUTO_TEST_SUITE_END()

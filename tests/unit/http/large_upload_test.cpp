// SPDX-License-Identifier: MIT
#include "http/spool_blocks.h"
#include "unit/http/form_fixture.h"
#include "unit/http/small_disk.h"

#include <boost/test/unit_test.hpp>

#include <mutex>
#include <thread>
#include <vector>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr std::size_t kBlock = http::SpoolBlocks::kSize;

/// Somebody watches tarballs, and may keep what it is told of.
struct LargeForms : Forms {
    LargeForms()
    {
        options.maxFormBody = 32 << 20;
        options.watchSpooling = [this](const std::string& name, int) -> http::SpoolProgress {
            if (name != "build_tarball")
                return {};
            return [this](const util::SharedBytes& appended, bool isWhole) {
                std::lock_guard lock(mutex);
                seen += appended.bytes;
                whole = isWhole;
                if (keeps)
                    kept.push_back(appended);
            };
        };
    }
    static std::string tarball(const std::string& content)
    {
        return part("name=\"build_tarball\"; filename=\"b\"", content);
    }
    static std::string onDisk(const std::string& content)
    {
        return "build_tarball/b/f/d/" + std::to_string(content.size()) + '/' + std::to_string(sumOf(content)) + '\n';
    }
    std::string takeSeen()
    {
        std::lock_guard lock(mutex);
        BOOST_TEST(whole);
        return std::exchange(seen, {});
    }
    std::size_t countKept()
    {
        std::lock_guard lock(mutex);
        return kept.size();
    }
    void letGo()
    {
        std::vector<util::SharedBytes> all;
        std::lock_guard lock(mutex);
        keeps = false;
        all.swap(kept);
    }
    /// Begins an upload of which more comes than there is memory for, and waits until nothing more is read.
    std::thread uploadUntilStuck(RawClient& connection, const std::string& request)
    {
        keeps = true;
        std::thread sender([&] { connection.send(request); });
        BOOST_TEST(eventually([this] { return countKept() >= http::SpoolBlocks::kCount - 2; }));
        return sender;
    }

    std::mutex mutex;
    std::string seen;
    std::vector<util::SharedBytes> kept;
    bool whole = false;
    bool keeps = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(LargeUpload)

BOOST_FIXTURE_TEST_CASE(is_on_disk_and_seen_as_it_was_sent_whatever_its_size, LargeForms)
{
    start();
    const auto all = noise(6 * kBlock + 5000);
    for (const auto size : {4 * kBlock, 4 * kBlock + 1, 5 * kBlock - 1, 5 * kBlock, 5 * kBlock + 4096, 6 * kBlock + 5000}) {
        const auto content = all.substr(0, size);
        BOOST_TEST(ask(form(tarball(content))).body == onDisk(content));
        BOOST_TEST((takeSeen() == content));
    }
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

// What looks like a boundary lies across the ends of blocks and of what was received at once.
BOOST_FIXTURE_TEST_CASE(finds_its_end_wherever_blocks_end_H18, LargeForms)
{
    start();
    const std::string almost = "\r\n--xy\r\n--xyzz\r";
    for (std::size_t shift = 0; shift <= almost.size() + 1; ++shift) {
        auto content = std::string(4 * kBlock - shift, 'a') + almost + std::string(kBlock - almost.size(), 'b') + almost;
        if (shift % 2)
            content.resize(5 * kBlock + 4096 - shift, 'c');
        auto connection = client();
        const auto request = form(tarball(content) + part("name=\"after\"", "x"));
        const auto cut = request.size() - kBlock - 5 * shift;
        connection.send(request.substr(0, cut));
        connection.send(request.substr(cut));
        BOOST_TEST(connection.receive().body == onDisk(content) + "after//t/m/1/120\n");
        BOOST_TEST((takeSeen() == content));
    }
}

BOOST_FIXTURE_TEST_CASE(may_come_in_chunks_and_the_next_request_behind_it_H9, LargeForms)
{
    start();
    const auto content = noise(4 * kBlock + 777);
    const auto body = tarball(content) + "--xyz--\r\n";
    auto connection = client();
    connection.send(chunked(body, 77777) + form(tarball(content)) + form(part("name=\"a\"", "b")));
    BOOST_TEST(connection.receive().body == onDisk(content));
    BOOST_TEST(connection.receive().body == onDisk(content));
    BOOST_TEST(connection.receive().body == "a//t/m/1/98\n");
    BOOST_TEST((takeSeen() == content + content));
}

BOOST_FIXTURE_TEST_CASE(several_in_one_form_have_memory_of_their_own, LargeForms)
{
    start();
    const auto first = noise(kBlock + 100), second = noise(4 * kBlock + 100);
    const auto plain = noise(100'000);
    BOOST_TEST(ask(form(tarball(first) + part("name=\"sources\"; filename=\"s\"", plain) + tarball(second))).body ==
               onDisk(first) + "sources/s/f/d/100000/" + std::to_string(sumOf(plain)) + '\n' + onDisk(second));
    BOOST_TEST((takeSeen() == first + second));
}

BOOST_FIXTURE_TEST_CASE(is_read_no_faster_than_it_is_used, LargeForms)
{
    start();
    const auto content = noise(12 * kBlock);
    const auto request = form(tarball(content));
    auto connection = client();
    auto sender = uploadUntilStuck(connection, request);
    BOOST_TEST(ask(form(part("name=\"a\"", "b"))).status == 200);   // nobody else waits
    BOOST_TEST(countKept() < http::SpoolBlocks::kCount);
    letGo();
    BOOST_TEST(connection.receive().body == onDisk(content));
    sender.join();
    BOOST_TEST((takeSeen() == content));
}

BOOST_FIXTURE_TEST_CASE(does_not_lose_its_time_while_we_are_slow_H13, LargeForms)
{
    options.bodyGrace = std::chrono::milliseconds(100);
    start();
    const auto content = noise(12 * kBlock);
    const auto request = form(tarball(content));
    auto connection = client();
    auto sender = uploadUntilStuck(connection, request);
    // Others who send nothing are cut off meanwhile, which shows that time goes by.
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(ask(request.substr(0, 1000)).status == 408);
    letGo();
    BOOST_TEST(connection.receive().body == onDisk(content));
    sender.join();
}

BOOST_FIXTURE_TEST_CASE(that_ends_early_reaches_nobody_and_leaves_nothing_H11, LargeForms)
{
    start();
    const auto whole = form(tarball(noise(5 * kBlock)));
    for (const auto size : {whole.size() - 1, whole.size() - 10, whole.size() / 2, kBlock}) {
        auto connection = client();
        connection.send(whole.substr(0, size));
        connection.endInput();
        BOOST_TEST(connection.isClosed());
    }
    BOOST_TEST(handled == 0);
    BOOST_TEST(eventually([this] { return server->counters().spooling == 0u && nothingLeft(); }));
}

BOOST_FIXTURE_TEST_CASE(that_is_given_up_while_it_waits_leaves_nothing_H11, LargeForms)
{
    start();
    auto request = form(tarball(noise(12 * kBlock)));
    request.resize(request.size() - 1);   // all that is sent may be on this side already
    {
        auto connection = client();
        auto sender = uploadUntilStuck(connection, request);
        connection.breakOff();
        sender.join();
    }
    letGo();
    BOOST_TEST(eventually([this] { return server->counters().spooling == 0u && nothingLeft(); }));
    BOOST_TEST(handled == 0);
}

BOOST_FIXTURE_TEST_CASE(a_server_may_end_while_an_upload_waits, LargeForms)
{
    start();
    const auto request = form(tarball(noise(12 * kBlock)));
    auto connection = client();
    auto sender = uploadUntilStuck(connection, request);
    server->stop(std::chrono::milliseconds(0));
    server.reset();
    sender.join();
    letGo();
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

BOOST_FIXTURE_TEST_CASE(that_finds_no_room_on_the_disk_is_refused_while_it_comes_D10, LargeForms)
{
    start();
    const SmallDisk full(kBlock + 4096);
    auto connection = client();
    const auto request = form(tarball(noise(12 * kBlock)));
    std::thread sender([&] { connection.send(request); });
    BOOST_TEST(connection.receive().status == 503);
    sender.join();
    BOOST_TEST(handled == 0);
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

BOOST_FIXTURE_TEST_CASE(whose_last_bytes_find_no_room_reaches_nobody_D10, LargeForms)
{
    start();
    const SmallDisk full(5 * kBlock);
    BOOST_TEST(ask(form(tarball(noise(5 * kBlock + 1)))).status == 503);
    BOOST_TEST(handled == 0);
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

BOOST_AUTO_TEST_SUITE_END()

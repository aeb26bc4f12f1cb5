// SPDX-License-Identifier: MIT
#include "fleet/server_address.h"
#include "fleet/server_client.h"

#include "support/fake_build_server.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace apbfarm;
using namespace apbfarm::fleet;
using namespace std::chrono_literals;
using apbfarm::test::FakeBuildServer;
using apbfarm::test::Fault;

namespace {

const BuildId kBuild = "bdf6a18a-6ae5-4cfa-bff8-dfe49883e816";

ClientOptions impatient()
{
    ClientOptions options;
    options.answerTimeout = 300ms;
    options.submitTimeout = 300ms;
    options.stallTimeout = 300ms;
    options.maxArtifact = 100000;
    options.maxJson = 5000;
    return options;
}

struct HostileServer {
    FakeBuildServer server;
    ServerClient client{server.url(), {}};
    ServerClient hasty{server.url(), impatient()};
    std::string downloaded;

    DownloadAnswer download(ServerClient& by)
    {
        downloaded.clear();
        return by.download(kBuild, "build.log", [this](std::string_view piece) { downloaded += piece; });
    }
    void answer(int status, const std::string& body, std::map<std::string, std::string> headers = {})
    {
        server.behave();
        server.misbehave({.fault = Fault::Answer, .status = status, .body = body, .headers = std::move(headers)});
    }
    void raw(const std::string& bytes)
    {
        server.behave();
        server.misbehave({.fault = Fault::Raw, .body = bytes});
    }
    bool readsInfoFrom(const std::string& bytes)
    {
        raw(bytes);
        return std::holds_alternative<ServerInfo>(client.info());
    }
    void buildWithLog(const std::string& line)
    {
        server.addForeignBuild(kBuild, "foreign", BuildStatus::Building);
        server.appendLog(kBuild, line);
        server.finish(kBuild, BuildStatus::Completed);
    }
};

template <class Variant> CallError errorIn(const Variant& answer)
{
    BOOST_REQUIRE(std::holds_alternative<CallError>(answer));
    return std::get<CallError>(answer);
}

const std::string kInfo = R"({"status":"running"})";

std::string chunk(const std::string& text)
{
    std::ostringstream out;
    out << std::hex << text.size() << "\r\n" << text << "\r\n";
    return out.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerClientLimits)

BOOST_AUTO_TEST_CASE(V1_only_plain_http_and_https_addresses_are_taken)
{
    for (const std::string bad : {"", "builder", "ftp://h", "file:///etc/passwd", "http://", "http://u:p@h", "http://u@h",
                                  "http://h?x", "http://h#x", "http://h:0", "http://h:99999", "http://h h", "http://h\n"})
        BOOST_CHECK_THROW(parseServerUrl(bad), InvalidInput);
    const auto url = parseServerUrl("https://[2001:db8::1]:8443/servers/");
    BOOST_TEST(url.secure);
    BOOST_TEST(url.host == "2001:db8::1");
    BOOST_TEST(url.port == 8443);
    BOOST_TEST(url.prefix == "/servers");
    BOOST_TEST(url.authority == "[2001:db8::1]:8443");
    BOOST_TEST(parseServerUrl("http://Builder1.example.org").authority == "builder1.example.org");
}

BOOST_AUTO_TEST_CASE(V1_link_local_multicast_and_metadata_addresses_are_recognised_in_every_form)
{
    for (const std::string bad : {"169.254.169.254", "169.254.0.1", "224.0.0.1", "239.1.2.3", "255.255.255.255", "0.0.0.0",
                                  "100.100.100.200", "192.0.0.192", "::", "fe80::1", "febf::1", "ff02::1", "fd00:ec2::254",
                                  "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe",
                                  "2002:a9fe:a9fe::1", "::ffff:224.0.0.1"})
        BOOST_TEST(isForbiddenAddress(Poco::Net::IPAddress(bad)), bad);
    for (const std::string good : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "8.8.8.8", "::1", "fd00::1",
                                   "2001:db8::1", "::ffff:10.0.0.1"})
        BOOST_TEST(!isForbiddenAddress(Poco::Net::IPAddress(good)), good);
}

BOOST_AUTO_TEST_CASE(V1_a_forbidden_address_is_never_contacted)
{
    ServerClient client("http://169.254.169.254", {});
    const auto error = errorIn(client.info());
    BOOST_TEST((error.failure == Failure::NotSent));
    BOOST_TEST(error.text.find("never contacted") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(V1_redirects_are_errors, HostileServer)
{
    for (const int status : {301, 302, 303, 307, 308}) {
        answer(status, "", {{"location", server.url() + "/builds/latest"}});
        const auto error = errorIn(client.info());
        BOOST_TEST((error.failure == Failure::Unclear));
        BOOST_TEST(error.status == status);
    }
    BOOST_TEST(server.requests().size() == 5);
}

BOOST_FIXTURE_TEST_CASE(V2_silence_ends_in_time, HostileServer)
{
    server.misbehave({Fault::Silence});
    const auto error = errorIn(hasty.info());
    BOOST_TEST((error.failure == Failure::Unclear));
    BOOST_TEST(error.text == "no answer in time");
    BOOST_TEST((std::holds_alternative<CallError>(hasty.status(kBuild))));
    BOOST_TEST((std::holds_alternative<CallError>(hasty.output(kBuild, 0, 10))));
    BOOST_TEST((std::holds_alternative<CallError>(hasty.cancel(kBuild))));
    BOOST_TEST((std::holds_alternative<CallError>(hasty.latest(10))));
    BOOST_TEST((std::holds_alternative<CallError>(download(hasty))));
}

BOOST_FIXTURE_TEST_CASE(V2_a_byte_now_and_then_does_not_hold_a_call, HostileServer)
{
    buildWithLog(std::string(2000, 'x'));
    server.misbehave({.fault = Fault::Drip, .pace = 20ms});
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(errorIn(hasty.info()).text == "no answer in time");
    BOOST_TEST(errorIn(hasty.output(kBuild, 0, 10)).text == "no answer in time");
    BOOST_TEST(errorIn(download(hasty)).text == "no answer in time");
    BOOST_TEST((std::chrono::steady_clock::now() - start < 15s));
}

BOOST_FIXTURE_TEST_CASE(V2_a_slow_server_that_stays_within_its_time_is_read, HostileServer)
{
    server.misbehave({.fault = Fault::Drip, .pace = 1ms});
    BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())));
}

BOOST_FIXTURE_TEST_CASE(V2_a_hang_on_one_path_does_not_touch_others, HostileServer)
{
    server.misbehave({.fault = Fault::Silence, .path = "status-api"});
    BOOST_TEST((std::holds_alternative<CallError>(hasty.status(kBuild))));
    BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())));
}

BOOST_FIXTURE_TEST_CASE(V2_larger_answers_than_allowed_are_dropped, HostileServer)
{
    answer(200, R"({"status":")" + std::string(6000, 'x') + "\"}");
    BOOST_TEST((std::holds_alternative<CallError>(hasty.info())));
    raw("HTTP/1.1 200 OK\r\n\r\n" + std::string(6000, '{'));
    BOOST_TEST((std::holds_alternative<CallError>(hasty.info())));
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(std::string(6000, '{')) + "0\r\n\r\n");
    BOOST_TEST((std::holds_alternative<CallError>(hasty.info())));
    buildWithLog(std::string(200000, 'x'));
    server.behave();
    BOOST_TEST((std::holds_alternative<CallError>(download(hasty))));
    BOOST_TEST(downloaded.empty());
}

BOOST_FIXTURE_TEST_CASE(V2_deep_repeated_and_broken_json_is_not_understood, HostileServer)
{
    std::string deep = R"({"status":)";
    deep += std::string(40, '[') + std::string(40, ']') + '}';
    for (const auto& text : {deep, std::string(R"({"status":"a","status":"b"})"), std::string("[]"), std::string("null"),
                             std::string(""), std::string("{\"status\":\"\xff\"}"), std::string("{\"status\":1"),
                             std::string("{}")}) {
        answer(200, text);
        BOOST_TEST((std::holds_alternative<CallError>(client.info())), text);
    }
    server.behave();
    server.misbehave({Fault::Html});
    BOOST_TEST((std::holds_alternative<CallError>(client.info())));
    BOOST_TEST((std::holds_alternative<CallError>(client.status(kBuild))));
}

BOOST_FIXTURE_TEST_CASE(V2_heads_that_two_readers_could_understand_differently_are_refused, HostileServer)
{
    const auto length = "Content-Length: " + std::to_string(kInfo.size()) + "\r\n";
    const auto head = std::string("HTTP/1.1 200 OK\r\n");
    BOOST_TEST(readsInfoFrom(head + length + "\r\n" + kInfo));
    BOOST_TEST(readsInfoFrom(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(kInfo) + "0\r\n\r\n"));
    BOOST_TEST(readsInfoFrom("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + head + length + "\r\n" + kInfo));
    BOOST_TEST(readsInfoFrom("HTTP/1.0 200 OK\r\n\r\n" + kInfo));
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "x: y\r\n";
    for (const auto& bytes :
         {head + length + length + "\r\n" + kInfo, head + length + "Transfer-Encoding: chunked\r\n\r\n" + chunk(kInfo),
          head + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunk(kInfo), head + "Content-Length: +20\r\n\r\n" + kInfo,
          head + "Content-Length: 99999999999999999999\r\n\r\n" + kInfo, head + "x y: z\r\n" + length + "\r\n" + kInfo,
          head + " folded\r\n" + length + "\r\n" + kInfo, head + "a: b\nc: d\r\n" + length + "\r\n" + kInfo,
          head + many + length + "\r\n" + kInfo, head + "a: " + std::string(33000, 'x') + "\r\n" + length + "\r\n" + kInfo,
          "HTTP/2.0 200 OK\r\n" + length + "\r\n" + kInfo, "HTTP/1.1 20 OK\r\n" + length + "\r\n" + kInfo,
          "HTTP/1.1 2000 OK\r\n" + length + "\r\n" + kInfo, "ICY 200 OK\r\n\r\n" + kInfo, kInfo, std::string(),
          head + "Content-Encoding: gzip\r\n" + length + "\r\n" + kInfo,
          head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"})
        BOOST_TEST(!readsInfoFrom(bytes), bytes.substr(0, 80));
}

BOOST_FIXTURE_TEST_CASE(V2_truncated_answers_are_not_taken_for_whole, HostileServer)
{
    buildWithLog(std::string(3000, 'x'));
    server.misbehave({Fault::Truncated});
    BOOST_TEST((std::holds_alternative<CallError>(client.info())));
    BOOST_TEST((errorIn(download(client)).failure == Failure::Unclear));
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc"));
    BOOST_TEST((std::holds_alternative<CallError>(download(client))));
    raw("HTTP/1.1 200 OK\r\n\r\nabc");
    BOOST_TEST((std::holds_alternative<CallError>(download(client))));
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") + chunk("def") + "0\r\n\r\n");
    BOOST_TEST(std::get<FileDone>(download(client)).size == 6u);
    BOOST_TEST(downloaded == "abcdef");
}

BOOST_FIXTURE_TEST_CASE(only_a_whole_file_reaches_the_sink, HostileServer)
{
    for (const int status : {203, 206, 302, 500}) {
        answer(status, "part of it");
        BOOST_TEST(errorIn(download(client)).status == status);
        BOOST_TEST(downloaded.empty());
    }
}

BOOST_FIXTURE_TEST_CASE(what_the_sink_throws_passes_through_and_the_next_call_works, HostileServer)
{
    buildWithLog("line");
    const auto full = [](std::string_view) { throw StorageFull("no room"); };
    BOOST_CHECK_THROW(client.download(kBuild, "build.log", full), StorageFull);
    BOOST_TEST((std::holds_alternative<FileDone>(download(client))));
    BOOST_TEST(downloaded.find("line") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(only_a_servers_own_404_says_that_a_build_is_not_known, HostileServer)
{
    answer(404, R"({"detail":"Build not found"})");
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.status(kBuild))));
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.output(kBuild, 0, 1))));
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.cancel(kBuild))));
    for (const std::string body : {"<html>404", "", "{}", R"({"detail":"Not Found"})", R"({"detail":["x"]})", R"({"det)"}) {
        answer(404, body);
        BOOST_TEST((errorIn(client.status(kBuild)).failure == Failure::Unclear), body);
    }
}

BOOST_FIXTURE_TEST_CASE(failures_are_told_apart, HostileServer)
{
    for (const auto& [status, failure] : {std::pair{401, Failure::Refused}, {403, Failure::Refused}, {408, Failure::Busy},
                                          {429, Failure::Busy}, {502, Failure::Busy}, {503, Failure::Busy},
                                          {504, Failure::Busy}, {500, Failure::Unclear}, {418, Failure::Unclear},
                                          {204, Failure::Unclear}}) {
        answer(status, "");
        const auto error = errorIn(client.info());
        BOOST_TEST((error.failure == failure), "status " << status);
        BOOST_TEST(error.status == status);
    }
    answer(503, "", {{"retry-after", "30"}});
    BOOST_TEST((errorIn(client.status(kBuild)).retryAfter == 30s));
    server.goDown();
    const auto error = errorIn(client.info());
    BOOST_TEST((error.failure == Failure::NotSent));
    BOOST_TEST(error.status == 0);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_resets_every_connection_is_asked_once, HostileServer)
{
    server.misbehave({Fault::ResetBefore});
    BOOST_TEST((errorIn(client.info()).failure == Failure::Unclear));
    BOOST_TEST(server.requests().size() == 1);
}

BOOST_FIXTURE_TEST_CASE(bytes_after_an_answer_are_not_taken_for_the_next_one, HostileServer)
{
    const auto once = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kInfo.size()) + "\r\n\r\n" + kInfo;
    BOOST_TEST(readsInfoFrom(once + once));
    server.behave();
    BOOST_TEST(std::get<ServerInfo>(client.info()).architecture == "x86_64");
}

BOOST_FIXTURE_TEST_CASE(abort_ends_a_running_call_and_all_later_ones, HostileServer)
{
    server.misbehave({Fault::Silence});
    Answer<ServerInfo> answer;
    std::thread caller([&] { answer = client.info(); });
    BOOST_TEST(server.waitForRequests("GET /", 1));
    client.abort();
    caller.join();
    BOOST_TEST((errorIn(answer).failure == Failure::Unclear));
    server.behave();
    BOOST_TEST((errorIn(client.info()).failure == Failure::NotSent));
    Payload payload{"x", {}, 0};
    BOOST_TEST((client.submit({kBuild}, payload).verdict == Verdict::NotTaken));
    BOOST_TEST(server.requests().size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// The requests that existing farms send, byte by byte as recorded.
#include "server_fixture.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

struct ExistingFarm : ServerFixture {
    ExistingFarm() { start(); }

    /// `library`: the header lines between Host and the body's own.
    HttpAnswer send(const std::string& line, const std::string& library, const std::string& type = {},
                    const std::string& body = {})
    {
        TcpConnection connection(http().port());
        auto head = line + " HTTP/1.1\r\nHost: builder1.example.org:8000\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n" +
                    library;
        if (line.starts_with("POST"))
            head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        connection.write(head + (type.empty() ? "" : "Content-Type: " + type + "\r\n") + "\r\n" + body);
        return HttpClient::readAnswer(connection);
    }
    void accepts(const std::string& id, const HttpAnswer& answer)
    {
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        BOOST_TEST(answer.body == "{\"build_id\":\"" + id + "\",\"status\":\"queued\",\"message\":\"Build queued successfully\"}");
        BOOST_TEST(statusOf(waitForEnd(id)) == "completed");
    }

    const std::string id = util::randomUuid();
    const std::string text = pkgbuild("recorded", kEmptyPackage);
};

const std::string kAiohttp = "User-Agent: Python/3.11 aiohttp/3.8.4\r\n";
const std::string kHttpx = "Connection: keep-alive\r\nUser-Agent: python-httpx/0.23.3\r\n";

} // namespace

BOOST_AUTO_TEST_SUITE(ExistingFarm)

BOOST_FIXTURE_TEST_CASE(the_farm_of_2025_hands_over_a_tarball, ::ExistingFarm)
{
    const std::string b = "02656bb6923a4c82b399ef83a05149a4";
    const auto field = [&](const std::string& name, const std::string& value) {
        return "--" + b + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=\"" + name +
               "\"\r\n\r\n" + value + "\r\n";
    };
    accepts(id, send("POST /build", kAiohttp, "multipart/form-data; boundary=" + b,
                     field("build_id", id) + field("build_timeout", "7200") + "--" + b +
                         "\r\nContent-Type: application/gzip\r\nContent-Disposition: form-data; name=\"build_tarball\"; "
                         "filename=\"build.tar.gz\"\r\n\r\n" + makeTar({{"PKGBUILD", text}}) + "\r\n--" + b + "--\r\n"));
}

BOOST_FIXTURE_TEST_CASE(the_farm_of_2026_hands_over_a_tarball_with_repositories, ::ExistingFarm)
{
    const std::string b = "4f08d15f0c7436f6d65e0d5ed4c9fe83";
    const auto field = [&](const std::string& name, const std::string& value) {
        return "--" + b + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    };
    const std::string repositories =
        R"([{"name": "myrepo", "url": "https://repo.example.org/x86_64", "gpg_key_id": "ABCD1234"}])";
    accepts(id, send("POST /build", kHttpx, "multipart/form-data; boundary=" + b,
                     field("build_id", id) + field("build_timeout", "7200") + field("extra_repos", repositories) + "--" + b +
                         "\r\nContent-Disposition: form-data; name=\"build_tarball\"; filename=\"build.tar.gz\"\r\n"
                         "Content-Type: application/gzip\r\n\r\n" + makeTar({{"PKGBUILD", text}}) + "\r\n--" + b + "--\r\n"));
    const auto repository = status(id)->getArray("extra_repos")->getObject(0);
    BOOST_TEST(repository->getValue<std::string>("name") == "myrepo");
    BOOST_TEST(repository->getValue<std::string>("gpg_key_id") == "ABCD1234");
}

BOOST_FIXTURE_TEST_CASE(the_oldest_farms_hand_over_single_files, ::ExistingFarm)
{
    const std::string b = "8af07b44006b49439e5d7fec9f22cb41";
    const auto part = [&](const std::string& type, const std::string& rest, const std::string& content) {
        return "--" + b + "\r\nContent-Type: " + type + "\r\nContent-Disposition: form-data; " + rest + "\r\n\r\n" +
               content + "\r\n";
    };
    accepts(id, send("POST /build", kAiohttp, "multipart/form-data; boundary=" + b,
                     part("text/plain; charset=utf-8", "name=\"build_id\"", id) +
                         part("text/plain", "name=\"pkgbuild\"; filename=\"PKGBUILD\"", text) +
                         part("application/octet-stream", "name=\"sources\"; filename=\"hello.sh\"", "#!/bin/sh\n") +
                         "--" + b + "--\r\n"));
}

BOOST_FIXTURE_TEST_CASE(every_question_of_an_existing_farm_has_the_fields_that_it_reads, ::ExistingFarm)
{
    BOOST_TEST_REQUIRE(submit(id, makeTar({{"PKGBUILD", text}})).status == 200);
    waitForEnd(id);
    for (const auto& library : {kAiohttp, kHttpx}) {
        const auto info = parseJson(send("GET /", library).body);
        BOOST_TEST(info->getValue<std::string>("supported_architecture") == "x86_64");
        const auto queue = info->getObject("queue_status");
        for (const auto* field : {"current_builds_count", "queued_builds", "max_concurrent_builds",
                                  "server_busy_with_buildroot", "buildroot_recreation_count"})
            BOOST_TEST(queue->has(field), field);
        const auto record = parseJson(send("GET /build/" + id + "/status-api", library).body);
        for (const auto* field : {"status", "start_time", "end_time", "duration", "exit_code", "build_timeout", "extra_repos"})
            BOOST_TEST(record->has(field), field);
        const auto package = record->getArray("packages")->getObject(0)->getValue<std::string>("filename");
        BOOST_TEST(send("GET /build/" + id + "/download/" + package, library).status == 200);
        const auto listed = parseJson(send("GET /builds/latest?limit=50", library).body)->getArray("builds")->getObject(0);
        BOOST_TEST(listed->getValue<std::string>("build_id") == id);
        BOOST_TEST(listed->getValue<std::string>("status") == "completed");
        const auto lines = parseJson(send("GET /build/" + id + "/output?start_index=0&limit=50", library).body);
        BOOST_TEST(lines->getValue<int>("returned_lines") > 0);
        const auto cancelled = send("POST /build/" + id + "/cancel", library);
        BOOST_TEST(cancelled.body == R"({"success":false,"message":"Build already finished"})");
        BOOST_TEST(send("GET /build/" + util::randomUuid() + "/status-api", library).body == R"({"detail":"Build not found"})");
    }
    // How clients and farms tell a bare server.
    BOOST_TEST(send("GET /farm", kHttpx).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()

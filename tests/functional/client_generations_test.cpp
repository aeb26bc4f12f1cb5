// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include "util/secrets.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

const std::string kPackage = "hello-multi-2:1.2.3-4-x86_64.pkg.tar.zst";

std::string helloMulti(const std::string& architectures = "'x86_64' 'aarch64' 'riscv64'")
{
    return "pkgname=hello-multi\nepoch=2\npkgver=1.2.3\npkgrel=4\npkgdesc='a test'\narch=(" + architectures +
           ")\nlicense=('MIT')\npackage() { :; }\n";
}

/// The requests of the released clients as recorded, each with the headers of its library.
class Client {
public:
    explicit Client(const FarmProcess& farm) : port_(farm.port()) {}

    /// `requests` library: K1 to K4.
    HttpAnswer requests(const std::string& line, const std::string& agent, const std::string& more = {},
                        const std::string& body = {}) const
    {
        return send(line + " HTTP/1.1\r\nHost: farm.example.org:8080\r\nUser-Agent: " + agent +
                    "\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n" + authorization() +
                    more + length(line, body) + "\r\n" + body);
    }
    /// `httpx` library: K5.
    HttpAnswer httpx(const std::string& line, const std::string& agent, const std::string& more = {},
                     const std::string& body = {}) const
    {
        return send(line + " HTTP/1.1\r\nHost: farm.example.org:8080\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate"
                           "\r\nConnection: keep-alive\r\nUser-Agent: " + agent + "\r\n" + authorization() + more +
                    length(line, body) + "\r\n" + body);
    }
    /// Eventually: the account of the first start may still be made.
    void login(bool modern)
    {
        const std::string body = R"({"username": "admin", "password": "admin123"})", line = "POST /auth/login";
        const std::string type = "Content-Type: application/json\r\n";
        HttpAnswer answer;
        BOOST_TEST_REQUIRE(eventually([&] {
            answer = modern ? httpx(line, "python-httpx/0.23.3", type, body)
                            : requests(line, "python-requests/2.28.1", type, body);
            return answer.status == 200;
        }), answer.body);
        token = member(answer, "token");
        BOOST_TEST(token.size() == 43u);
        const auto me = modern ? httpx("GET /auth/me", "python-httpx/0.23.3")
                               : requests("GET /auth/me", "python-requests/2.28.1");
        BOOST_TEST(me.status == 200);
        BOOST_TEST(member(me, "username") == "admin");
        BOOST_TEST(member(me, "role") == "admin");
    }

    std::string token;

private:
    std::string authorization() const { return token.empty() ? "" : "Authorization: Bearer " + token + "\r\n"; }
    static std::string length(const std::string& line, const std::string& body)
    {
        return line.starts_with("POST") ? "Content-Length: " + std::to_string(body.size()) + "\r\n" : "";
    }
    HttpAnswer send(const std::string& bytes) const
    {
        TcpConnection connection(port_);
        connection.write(bytes);
        return HttpClient::readAnswer(connection);
    }

    std::uint16_t port_;
};

/// K1 and K2: single files without a Content-Type of their own.
std::string filesForm(const std::string& pkgbuildText)
{
    const std::string boundary = "--d638edfd4e51c46c8f3e34cef468698b";
    return boundary + "\r\nContent-Disposition: form-data; name=\"architectures\"\r\n\r\nx86_64\r\n" + boundary +
           "\r\nContent-Disposition: form-data; name=\"pkgbuild\"; filename=\"PKGBUILD\"\r\n\r\n" + pkgbuildText + "\r\n" +
           boundary + "\r\nContent-Disposition: form-data; name=\"sources\"; filename=\"hello.sh\"\r\n\r\n#!/bin/sh\n\r\n" +
           boundary + "--\r\n";
}
const std::string kFilesType = "Content-Type: multipart/form-data; boundary=d638edfd4e51c46c8f3e34cef468698b\r\n";

/// K3 to K5.
std::string tarballForm(const std::string& tarball, const std::string& architectures, const std::string& timeout = {})
{
    const std::string boundary = "--50e337165ec0880d55aba37366b21d8a";
    const auto field = [&](const std::string& name, const std::string& value) {
        return boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    };
    return (architectures.empty() ? "" : field("architectures", architectures)) +
           (timeout.empty() ? "" : field("build_timeout", timeout)) + boundary +
           "\r\nContent-Disposition: form-data; name=\"build_tarball\"; filename=\"build.tar.gz\"\r\n"
           "Content-Type: application/gzip\r\n\r\n" + tarball + "\r\n" + boundary + "--\r\n";
}
const std::string kTarballType = "Content-Type: multipart/form-data; boundary=50e337165ec0880d55aba37366b21d8a\r\n";

struct ClientFarm {
    ClientFarm() { farm.start(); }

    void finish(const std::string& build)
    {
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        server.finish(build, BuildStatus::Completed, {{kPackage, "the package"}});
    }
    /// What every client needs to find in a status, or it crashes.
    static void checkStatus(const HttpAnswer& answer)
    {
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        const auto status = json(answer);
        for (const auto* field : {"status", "build_id", "pkgname", "server_arch"})
            BOOST_TEST(status->get(field).isString(), field);
        for (const auto* field : {"packages", "logs"})
            BOOST_TEST(!status->getArray(field).isNull(), field);
        BOOST_TEST(status->get("artifacts_ready").isBoolean());
        if (status->has("duration"))
            BOOST_TEST(status->get("duration").isNumeric());
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
};

std::vector<std::string> namesIn(const Poco::JSON::Object::Ptr& status, const char* list)
{
    std::vector<std::string> names;
    for (unsigned i = 0; i < status->getArray(list)->size(); ++i)
        names.push_back(status->getArray(list)->getObject(i)->getValue<std::string>("filename"));
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ClientGenerations)

BOOST_FIXTURE_TEST_CASE(K1_that_cannot_log_in_is_told_so_before_anything_else, ClientFarm)
{
    const Client client(farm);
    const auto answer = client.requests("POST /build", "python-requests/2.28.1", kFilesType, filesForm("nonsense"));
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(!member(answer, "detail").empty());   // printed as it is
}

BOOST_FIXTURE_TEST_CASE(K2_sends_files_and_downloads_in_the_moment_that_it_sees_completed, ClientFarm)
{
    Client client(farm);
    client.login(false);
    const std::string agent = "APB-Client/2025-07-16";
    const auto answer = client.requests("POST /build", agent, kFilesType, filesForm(helloMulti()));
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto first = json(answer)->getArray("builds")->getObject(0);
    const auto build = first->getValue<std::string>("build_id");
    BOOST_TEST(first->getValue<std::string>("arch") == "x86_64");
    BOOST_TEST(member(answer, "message") == "Queued 1 build(s) for processing");

    finish(build);
    HttpAnswer status;
    BOOST_TEST_REQUIRE(eventually([&] {
        status = client.requests("GET /build/" + build + "/status?format=json", agent);
        checkStatus(status);
        return member(status, "status") == "completed";
    }));
    for (const auto* list : {"packages", "logs"})
        for (const auto& name : namesIn(json(status), list)) {
            const auto file = client.requests("GET /build/" + build + "/download/" + name, agent);
            BOOST_TEST(file.status == 200, name);
            BOOST_TEST(!file.body.empty());
        }
    BOOST_TEST(client.requests("GET /build/" + build + "/download/" + kPackage, agent).body == "the package");
    BOOST_TEST(client.requests("POST /auth/logout", "python-requests/2.28.1").status == 200);
    BOOST_TEST(client.requests("GET /auth/me", "python-requests/2.28.1").status == 401);
}

BOOST_FIXTURE_TEST_CASE(K3_submits_a_tarball_follows_its_place_in_the_queue_and_cancels, ClientFarm)
{
    server.setSlots(0);
    BOOST_TEST_REQUIRE(eventually([&] { return farm.guest().get("/farm").body.find("\"free_slots\":0") != std::string::npos; }));
    Client client(farm);
    client.login(false);
    const std::string agent = "APB-Client/2025-09-29";
    const auto form = tarballForm(tarballOf(helloMulti()), "x86_64,aarch64,riscv64", "1234");
    std::vector<std::string> builds;
    for (int i = 1; i <= 2; ++i) {
        const auto answer = client.requests("POST /build", agent, kTarballType, form);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        const auto body = json(answer);
        BOOST_TEST(body->getValue<int>("build_timeout") == 1234);
        BOOST_TEST(body->getValue<std::string>("timeout_set_by") == "admin");
        const auto targets = body->getArray("target_architectures");
        BOOST_TEST(targets->size() == 3u);   // what was asked for, not what was queued
        const auto entry = body->getArray("builds")->getObject(0);
        BOOST_TEST(entry->getValue<std::string>("queue_state") == "farm");
        BOOST_TEST(entry->getValue<int>("queue_position") == i);
        BOOST_TEST(entry->getValue<int>("jobs_ahead") == i - 1);
        BOOST_TEST(entry->getValue<int>("farm_queue_size") == i);
        const auto queue = body->getObject("queue_status");
        BOOST_TEST(queue->getValue<int>("queue_size") == i);
        BOOST_TEST(queue->getValue<int>("builds_queued") == 1);
        BOOST_TEST(queue->getValue<std::string>("message") ==
                   "Build(s) queued on farm; waiting for server capacity (" + std::to_string(i) + " job(s) in farm queue)");
        builds.push_back(body->getValue<std::string>("build_id"));
    }
    const auto waiting = client.requests("GET /build/" + builds[1] + "/status?format=json", agent);
    checkStatus(waiting);
    BOOST_TEST(member(waiting, "status") == "queued");
    BOOST_TEST(member(waiting, "queue_state") == "farm");
    BOOST_TEST(json(waiting)->getValue<int>("queue_position") == 2);
    BOOST_TEST(json(waiting)->getValue<int>("jobs_ahead") == 1);
    BOOST_TEST(json(waiting)->getValue<int>("farm_queue_size") == 2);
    BOOST_TEST(!json(waiting)->getValue<bool>("artifacts_ready"));
    BOOST_TEST(!json(waiting)->has("duration"));

    for (int i = 0; i < 2; ++i) {
        const auto cancelled = client.requests("POST /build/" + builds[0] + "/cancel", agent);
        BOOST_TEST(cancelled.status == 200);
        BOOST_TEST(json(cancelled)->getValue<bool>("success"));
        BOOST_TEST(member(cancelled, "message") ==
                   "Build " + builds[0] + (i == 0 ? " removed from farm queue" : " is already cancelled"));
    }
    const auto ended = client.requests("GET /build/" + builds[0] + "/status?format=json", agent);
    checkStatus(ended);
    BOOST_TEST(member(ended, "status") == "cancelled");
    BOOST_TEST(json(ended)->getArray("packages")->size() == 0u);
    BOOST_TEST(json(ended)->getArray("logs")->size() == 0u);
    BOOST_TEST(json(ended)->getValue<bool>("artifacts_ready"));
    BOOST_TEST(!json(ended)->has("duration"));
}

BOOST_FIXTURE_TEST_CASE(K4_sends_keys_in_a_folder_and_its_tarball_arrives_unchanged, ClientFarm)
{
    Client client(farm);
    client.login(false);
    TempDir folder;
    std::filesystem::create_directories(folder / "keys/pgp");
    std::ofstream(folder / "PKGBUILD") << helloMulti("'x86_64'");
    std::ofstream(folder / "keys/pgp/A.asc") << "key";
    ChildProcess tar({"tar", "-czf", folder / "build.tar.gz", "-C", folder.path(), "PKGBUILD", "keys"}, folder / "log");
    BOOST_TEST_REQUIRE((tar.wait() == 0));
    const auto tarball = readFile(folder / "build.tar.gz");
    const auto answer = client.requests("POST /build", "APB-Client/2025-10-14", kTarballType, tarballForm(tarball, "x86_64"));
    const auto build = acceptedBuild(answer);
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    BOOST_TEST(server.submissions().back().payloadDigest == util::sha256Hex(tarball));
}

BOOST_FIXTURE_TEST_CASE(K5_waits_until_the_artifacts_are_ready_and_finds_them, ClientFarm)
{
    Client client(farm);
    client.login(true);
    const std::string agent = "APB-Client/2026-06-30";
    const auto form = tarballForm(tarballOf(helloMulti()), "x86_64");
    const auto build = acceptedBuild(client.httpx("POST /build", agent, kTarballType, form));
    finish(build);
    HttpAnswer status;
    BOOST_TEST_REQUIRE(eventually([&] {
        status = client.httpx("GET /build/" + build + "/status?format=json", agent);
        checkStatus(status);
        return member(status, "status") == "completed" && json(status)->getValue<bool>("artifacts_ready");
    }));
    const auto body = json(status);
    BOOST_TEST(namesIn(body, "packages") == std::vector{kPackage}, boost::test_tools::per_element());
    BOOST_TEST(namesIn(body, "logs") == std::vector<std::string>{"build.log"}, boost::test_tools::per_element());
    BOOST_TEST(body->getArray("packages")->getObject(0)->getValue<std::string>("download_url") ==
               "/build/" + build + "/download/" + kPackage);
    BOOST_TEST(body->getValue<std::string>("server_url") == "127---1");   // for administrators, too
    BOOST_TEST(body->getValue<int>("exit_code") == 0);
    BOOST_TEST(client.httpx("GET /build/" + build + "/download/" + kPackage, agent).body == "the package");

    const auto latest = client.httpx("GET /builds/pkgname/hello-multi/arch/x86_64/latest?successful_only=true", agent);
    BOOST_TEST_REQUIRE(latest.status == 200, latest.body);
    BOOST_TEST(member(latest, "build_id") == build);
    BOOST_TEST(member(latest, "display_name") == "hello-multi (2:1.2.3-4)");
    BOOST_TEST(member(latest, "server_arch") == "x86_64");
}

BOOST_FIXTURE_TEST_CASE(an_old_and_a_new_client_follow_the_same_build, ClientFarm)
{
    Client old(farm), recent(farm);
    old.login(false);
    recent.login(true);
    const auto build = acceptedBuild(old.requests("POST /build", "APB-Client/2025-07-16", kTarballType,
                                                  tarballForm(tarballOf(helloMulti()), "x86_64")));
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    server.misbehave({.fault = Fault::Answer, .path = "/download/", .times = 2, .status = 503});
    server.finish(build, BuildStatus::Completed, {{kPackage, "the package"}});
    const auto path = "GET /build/" + build;
    std::string seen;
    BOOST_TEST_REQUIRE(eventually([&] {
        return (seen = member(old.requests(path + "/status?format=json", "APB-Client/2025-07-16"), "status")) == "completed";
    }, 30s), seen);
    BOOST_TEST(old.requests(path + "/download/" + kPackage, "APB-Client/2025-07-16").body == "the package");
    BOOST_TEST(json(recent.httpx(path + "/status?format=json", "APB-Client/2026-06-30"))->getValue<bool>("artifacts_ready"));
    BOOST_TEST(recent.httpx(path + "/download/" + kPackage, "APB-Client/2026-06-30").body == "the package");
}

BOOST_FIXTURE_TEST_CASE(a_failed_build_ends_monitoring_at_once_with_its_log, ClientFarm)
{
    Client client(farm);
    client.login(true);
    const auto build = acceptedBuild(client.httpx("POST /build", "APB-Client/2026-06-30", kTarballType,
                                                  tarballForm(tarballOf(helloMulti()), "")));
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    server.finish(build, BuildStatus::Failed);
    BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "failed");
    const auto status = client.httpx("GET /build/" + build + "/status?format=json", "APB-Client/2026-06-30");
    checkStatus(status);
    BOOST_TEST(json(status)->getValue<bool>("artifacts_ready"));
    BOOST_TEST(json(status)->getArray("packages")->size() == 0u);
    BOOST_TEST(client.httpx("GET /build/" + build + "/download/build.log", "APB-Client/2026-06-30").status == 200);
}

BOOST_FIXTURE_TEST_CASE(requests_that_a_deployed_proxy_has_touched_are_understood, ClientFarm)
{
    TcpConnection connection(farm.port());
    for (const std::string upgrade : {"Upgrade: \r\nConnection: upgrade\r\n", "Connection: upgrade\r\nUpgrade:\r\n"}) {
        connection.write("GET /farm HTTP/1.1\r\nHost: farm.example.org\r\nX-Forwarded-For: 192.0.2.7\r\n" + upgrade + "\r\n");
        const auto answer = HttpClient::readAnswer(connection);
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(json(answer)->getArray("servers")->getObject(0)->has("arch"));
        BOOST_TEST(json(answer)->getArray("servers")->getObject(0)->has("status"));
    }
}

BOOST_FIXTURE_TEST_CASE(scripts_of_older_pages_act_with_their_header_or_their_cookie, ClientFarm)
{
    const auto token = farm.tokenOf("admin", "admin123");
    const auto guest = farm.guest();
    const auto roleWith = [&](HttpHeaders headers) { return member(guest.get("/auth/me", headers), "role"); };
    BOOST_TEST(roleWith({{"Cookie", "other=1; authToken=" + token}}) == "admin");
    BOOST_TEST(roleWith({{"Authorization", "bEaReR " + token}}) == "admin");
    BOOST_TEST(roleWith({{"Authorization", "Basic YTpi"}, {"Cookie", "authToken=" + token}}) == "admin");
    BOOST_TEST(guest.get("/auth/me", {{"Authorization", "Bearer wrong"}, {"Cookie", "authToken=" + token}}).status == 401);
    BOOST_TEST(guest.get("/auth/me", {{"Cookie", "authToken=wrong"}}).status == 401);
}

BOOST_AUTO_TEST_SUITE_END()

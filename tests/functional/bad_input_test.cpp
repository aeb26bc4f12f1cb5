// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/noise.h"
#include "unit/package/tar_builder.h"
#include "real_server.h"

#include <sys/socket.h>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr std::size_t kSpooled = 300'000;   // bytes: uploads with as many go to disk

std::string tarball(const std::vector<TarEntry>& entries, bool withPkgbuild = true)
{
    auto bytes = tarEntry({"noise", noise(kSpooled)});
    if (withPkgbuild)
        bytes += tarEntry({"PKGBUILD", pkgbuild("bad")});
    for (const auto& entry : entries)
        bytes += tarEntry(entry);
    return gzip(bytes + tarEnd());
}

std::string withPkgbuild(const std::string& text)
{
    return gzip(tarEntry({"PKGBUILD", text}) + tarEnd());
}

struct BadTarball {
    std::string what;
    std::string bytes;
    int status;
    std::string type;
};

std::vector<BadTarball> badTarballs()
{
    const auto good = tarball({});
    const auto flipped = [&] {
        auto bytes = good;
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
        return bytes;
    };
    return {
        {"is empty", "", 400, "invalid_tarball"},
        {"is text", "no archive at all", 400, "invalid_tarball"},
        {"is a tar without gzip", tarEntry({"PKGBUILD", pkgbuild("bad")}) + tarEnd(), 400, "invalid_tarball"},
        {"is gzip around text", gzip("no archive at all"), 400, "invalid_tarball"},
        {"is gzip around gzip", gzip(good), 400, "invalid_tarball"},
        {"is cut short", good.substr(0, good.size() / 2), 400, "invalid_tarball"},
        {"has a changed byte", flipped(), 400, "invalid_tarball"},
        {"has something behind its end", good + "and then some", 400, "invalid_tarball"},
        {"has a second member", good + gzip("more"), 400, "invalid_tarball"},
        {"has no PKGBUILD", tarball({{"README", "hello"}}, false), 400, "missing_pkgbuild"},
        {"has its PKGBUILD in a folder", tarball({{"bad/PKGBUILD", pkgbuild("bad")}}, false), 400, "missing_pkgbuild"},
        {"has a folder as PKGBUILD", tarball({{"PKGBUILD", "", '5'}}, false), 400, "invalid_tarball"},
        {"has a link as PKGBUILD", tarball({{"PKGBUILD", "", '2', "noise"}}, false), 400, "invalid_tarball"},
        {"climbs out", tarball({{"../outside", "x"}}), 400, "invalid_tarball"},
        {"climbs out from inside", tarball({{"a/../../outside", "x"}}), 400, "invalid_tarball"},
        {"has an absolute name", tarball({{"/etc/passwd", "x"}}), 400, "invalid_tarball"},
        {"has a link that leaves", tarball({{"link", "", '2', "../../etc/passwd"}}), 400, "invalid_tarball"},
        {"has an absolute link", tarball({{"link", "", '2', "/etc/passwd"}}), 400, "invalid_tarball"},
        {"has a hard link that leaves", tarball({{"link", "", '1', "../outside"}}), 400, "invalid_tarball"},
        {"has a device", tarball({{"null", "", '3'}}), 400, "invalid_tarball"},
        {"has a pipe", tarball({{"pipe", "", '6'}}), 400, "invalid_tarball"},
        {"has a control character in a name", tarball({{"a\nb", "x"}}), 400, "invalid_tarball"},
        {"is a bomb", gzip(tarEntry({"PKGBUILD", pkgbuild("bad")}) + tarEntry({"zeros", std::string(50 << 20, '\0')}) +
                           tarEnd()), 400, "invalid_tarball"},
        {"has a binary PKGBUILD", withPkgbuild("pkgname=bad\n" + std::string(100, '\0')), 400, "invalid_pkgbuild"},
        {"has a huge PKGBUILD", withPkgbuild(pkgbuild("bad") + std::string(2 << 20, '#')), 413, "too_large"},
        {"has an empty PKGBUILD", withPkgbuild(""), 400, "invalid_pkgbuild"},
        {"computes its architectures",
         withPkgbuild("pkgname=bad\npkgver=1\npkgrel=1\narch=($(uname -m))\n"), 400, "invalid_pkgbuild"},
        {"computes its name",
         withPkgbuild("pkgname=$(hostname)\npkgver=1\npkgrel=1\narch=(any)\n"), 400, "invalid_pkgbuild"},
        {"has a name with markup",
         withPkgbuild("pkgname='<b>'\npkgver=1\npkgrel=1\narch=(any)\n"), 400, "invalid_pkgbuild"},
    };
}

void checkRefusal(const HttpAnswer& answer, int status, const std::string& type)
{
    BOOST_TEST(answer.status == status, answer.body);
    BOOST_TEST(answer.header("Content-Type").starts_with("application/json"));
    BOOST_TEST_REQUIRE(answer.body.starts_with("{"), answer.body);
    const auto body = json(answer);
    BOOST_TEST(body->optValue<std::string>("error_type", "") == type, answer.body);
    for (const auto* name : {"error", "detail", "timestamp", "request_id"})
        BOOST_TEST(!body->optValue<std::string>(name, "").empty(), name);
}

struct Farm {
    Farm() { farm.start(); }

    std::vector<std::filesystem::path> filesIn(const std::string& folder) const
    {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(farm.stateDirectory() / folder))
            if (!entry.is_directory())
                files.push_back(entry.path());
        return files;
    }
    void checkNothingIsLeft() const
    {
        BOOST_TEST(json(farm.guest().get("/builds/latest"))->getArray("builds")->size() == 0u);
        BOOST_TEST(filesIn("payloads").empty());
        BOOST_TEST(server.submissions().empty());
    }
    /// A body of the test's own making as an upload form.
    HttpAnswer postForm(const std::string& body)
    {
        return farm.admin().post("/build", body, {{"Content-Type", std::string("multipart/form-data; boundary=") +
                                                                       HttpClient::kBoundary}});
    }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(BadInput)

BOOST_FIXTURE_TEST_CASE(bad_tarballs_are_refused_and_leave_nothing_behind_X5, Farm)
{
    const auto client = farm.admin();
    for (const auto& bad : badTarballs())
        BOOST_TEST_CONTEXT("a tarball that " << bad.what) {
            checkRefusal(submitTarball(client, bad.bytes), bad.status, bad.type);
            checkNothingIsLeft();
        }
    // The queue is empty and the farm as able as before.
    const auto answer = submitTarball(client, tarball({}));
    BOOST_TEST(filesIn("payloads").size() == 1u);
    BOOST_TEST(json(answer)->getArray("builds")->getObject(0)->getValue<int>("queue_position") == 1);
    BOOST_TEST(server.waitForAccepted(acceptedBuild(answer)));
}

BOOST_FIXTURE_TEST_CASE(bad_forms_are_refused_and_leave_nothing_behind, Farm)
{
    const auto client = farm.admin();
    const HttpPart good{"build_tarball", tarball({}), "build.tar.gz", "application/gzip"};
    const auto with = [&](HttpPart part) { return client.multipart("/build", {std::move(part), good}); };
    checkRefusal(client.multipart("/build", {}), 400, "missing_upload");
    checkRefusal(client.multipart("/build", {{"architectures", "x86_64"}}), 400, "missing_upload");
    checkRefusal(client.multipart("/build", {{"build_tarball", "text"}}), 400, "not_a_file");
    checkRefusal(client.multipart("/build", {{"pkgbuild", pkgbuild("bad")}}), 400, "not_a_file");
    checkRefusal(client.multipart("/build", {{"pkgbuild", pkgbuild("bad"), "OTHER"}}), 400, "invalid_pkgbuild");
    checkRefusal(client.multipart("/build", {{"pkgbuild", pkgbuild("bad"), "PKGBUILD"}, {"sources", "x", "../x"}}), 400,
                 "invalid_file_name");
    checkRefusal(with({"architectures", "x86_64", "a.txt"}), 400, "not_a_text");
    checkRefusal(with({"architectures", "riscv64"}), 400, "no_valid_architectures");
    checkRefusal(with(good), 400, "repeated_field");
    for (const auto* timeout : {"299", "14401", "soon", "-300", "1e3", "99999999999999999999"})
        checkRefusal(with({"build_timeout", timeout}), 400, "invalid_build_timeout");
    checkNothingIsLeft();
}

BOOST_FIXTURE_TEST_CASE(broken_multipart_bodies_are_refused_and_leave_nothing_behind, Farm)
{
    const auto whole = HttpClient::multipartBody({{"build_tarball", tarball({}), "build.tar.gz", "application/gzip"}});
    const std::string boundary = std::string("--") + HttpClient::kBoundary;
    checkRefusal(postForm(whole.substr(0, whole.size() / 2)), 400, "bad_multipart");
    checkRefusal(postForm(whole.substr(0, whole.size() - boundary.size() - 4)), 400, "bad_multipart");
    checkRefusal(postForm(boundary + "\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + boundary + "--\r\n"), 400,
                 "bad_multipart");
    checkRefusal(postForm("no part at all"), 400, "bad_multipart");
    checkRefusal(farm.admin().post("/build", whole, {{"Content-Type", "multipart/form-data"}}), 400, "bad_multipart");
    checkRefusal(farm.admin().postJson("/build", "{}"), 400, "missing_upload");

    // A client that goes away in the middle of its upload.
    TcpConnection connection(farm.port());
    connection.write(farm.admin().requestHead("POST", "/build") + "Content-Type: multipart/form-data; boundary=" +
                     HttpClient::kBoundary + "\r\nContent-Length: " + std::to_string(whole.size()) + "\r\n\r\n" +
                     whole.substr(0, whole.size() / 2));
    ::shutdown(connection.descriptor(), SHUT_WR);
    connection.readToEnd();
    checkNothingIsLeft();
}

BOOST_FIXTURE_TEST_CASE(an_upload_that_is_announced_as_too_large_is_refused_before_it_is_read, Farm)
{
    const auto announce = [&](const HttpClient& client) {
        TcpConnection connection(farm.port(), std::chrono::seconds(10));
        connection.write(client.requestHead("POST", "/build", {{"Content-Type", "multipart/form-data; boundary=x"},
                                                                {"Content-Length", "99999999999"}}) + "\r\n");
        return HttpClient::readAnswer(connection);
    };
    checkRefusal(announce(farm.admin()), 413, "body_too_large");
    checkRefusal(announce(farm.guest()), 401, "authentication_required");
    checkNothingIsLeft();
}

BOOST_FIXTURE_TEST_CASE(ids_and_paths_that_are_none_are_refused_H14, Farm)
{
    const auto client = farm.admin();
    for (const std::string id : {"00000000-0000-4000-8000-000000000000", "nope", "1", "%3Cb%3E", "..."})
        BOOST_TEST_CONTEXT(id) {
            for (const auto* rest : {"/status?format=json", "/status-api", "/output", "/stream", "/download/build.log"})
                checkRefusal(client.get("/build/" + id + rest), 404, "build_not_found");
            checkRefusal(client.post("/build/" + id + "/cancel"), 404, "build_not_found");
        }
    for (const auto* path : {"/build/../../etc/passwd", "/static/../templates/layout.html", "/static/%2e%2e/x",
                             "/static/..%2f..%2fetc%2fpasswd", "/build/a/download/..%2f..%2fx",
                             "/build/a%00b/status-api", "/static//etc/passwd", "/%c0%ae%c0%ae/etc/passwd",
                             "/build/a%5c..%5cb/output"})
        BOOST_TEST_CONTEXT(path) {
            const auto answer = client.get(path);
            BOOST_TEST((answer.status == 400 || answer.status == 404), answer.status);
            BOOST_TEST(answer.body.find("root:") == std::string::npos);
        }
}

BOOST_FIXTURE_TEST_CASE(bad_json_is_refused_with_a_reason_per_field, Farm)
{
    const auto client = farm.guest();
    for (const auto* text : {"", "{", "[]", "null", "{\"username\":\"a\",}", "{\"username\":\"a\"} more", "\xff\xfe"})
        checkRefusal(client.postJson("/auth/login", text), 400, "invalid_json");
    const auto wrong = client.postJson("/auth/login", R"({"username":5})");
    checkRefusal(wrong, 400, "invalid_input");
    BOOST_TEST(json(wrong)->getArray("fields")->size() == 2u);
    checkRefusal(client.postJson("/auth/login", R"({"username":"admin","password":"wrong password"})"), 401,
                 "invalid_credentials");
}

BOOST_FIXTURE_TEST_CASE(a_repeated_submission_is_one_build_L13, Farm)
{
    const auto client = farm.admin();
    const HttpHeaders key{{"Idempotency-Key", "release-1.0"}};
    const auto first = submit(client, "once", "'x86_64'", key);
    const auto build = acceptedBuild(first);
    BOOST_TEST(submit(client, "once", "'x86_64'", key).body == first.body);
    BOOST_TEST_REQUIRE(server.waitForAccepted(build));
    BOOST_TEST(submit(client, "once", "'x86_64'", key).body == first.body);
    BOOST_TEST(json(client.get("/my/builds"))->getArray("builds")->size() == 1u);

    checkRefusal(submit(client, "another", "'x86_64'", key), 409, "idempotency_key_reused");
    checkRefusal(submit(client, "once", "'x86_64'", {{"Idempotency-Key", "two words"}}), 400,
                 "invalid_idempotency_key");
    BOOST_TEST(acceptedBuild(submit(client, "once", "'x86_64'", {{"Idempotency-Key", "release-1.1"}})) != build);
    farm.kill();
    farm.start();
    BOOST_TEST(submit(farm.admin(), "once", "'x86_64'", key).body == first.body);
    BOOST_TEST(json(farm.admin().get("/my/builds"))->getArray("builds")->size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"

#include "support/fake_build_server.h"
#include "support/temp_dir.h"
#include "util/durable_file.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::fleet;
using apbfarm::test::FakeBuildServer;
using apbfarm::test::Fault;
using apbfarm::test::TempDir;

namespace {

const BuildId kBuild = "bdf6a18a-6ae5-4cfa-bff8-dfe49883e816";
const std::string kPackage = "hello-multi-2:1.2.3+a~b-4-x86_64.pkg.tar.zst";

struct OneServer {
    FakeBuildServer server;
    ServerClient client{server.url(), {}};

    HandOverResult submit(const std::string& bytes = "some bytes")
    {
        Payload payload{bytes, {}, 0};
        return client.submit({kBuild}, payload);
    }
    std::string downloaded;
    DownloadAnswer download(const std::string& name)
    {
        downloaded.clear();
        return client.download(kBuild, name, [this](std::string_view piece) { downloaded += piece; });
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ServerClientCalls)

BOOST_FIXTURE_TEST_CASE(reads_what_a_server_says_about_itself, OneServer)
{
    server.setArchitecture("espresso");
    server.setSlots(2);
    server.setRecreatingBuildroot(true);
    server.addForeignBuild(kBuild, "foreign", BuildStatus::Building);
    const auto info = std::get<ServerInfo>(client.info());
    BOOST_TEST(info.architecture == "espresso");
    BOOST_TEST(info.version == "2026-06-30");
    BOOST_TEST(info.slots == 2);
    BOOST_TEST(info.building == 1);
    BOOST_TEST(info.recreatingBuildroot);
    BOOST_TEST(info.buildrootRecreations == 1);
    BOOST_TEST(info.loadPerCore == 0.25);
    BOOST_TEST(info.document.find("\"queue_status\"") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_payload_that_cannot_be_read_is_not_waited_for, OneServer)
{
    TempDir folder;
    Payload payload{{}, util::UniqueFd(::open((folder / "payload").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 100'000};
    BOOST_TEST_REQUIRE(::ftruncate(payload.file.get(), 100'000) == 0);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = client.submit({kBuild}, payload);
    BOOST_TEST((result.verdict == Verdict::Unclear));
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)));
    BOOST_TEST(server.acceptedCount().empty());
}

BOOST_FIXTURE_TEST_CASE(submits_a_tarball_as_recorded_from_existing_farms, OneServer)
{
    const std::string bytes("\x1f\x8b\0\r\n--\xff binary", 15);
    Payload payload{bytes, {}, 0};
    const auto result = client.submit({kBuild, std::chrono::seconds(1234), R"([{"name":"r"}])"}, payload);
    BOOST_TEST((result.verdict == Verdict::Accepted));
    BOOST_REQUIRE(server.submissions().size() == 1);
    const auto parts = server.submissions()[0].parts;
    BOOST_REQUIRE(parts.size() == 4);
    BOOST_TEST(parts[0].name == "build_id");
    BOOST_TEST(parts[0].content == kBuild);
    BOOST_TEST(parts[1].name == "build_timeout");
    BOOST_TEST(parts[1].content == "1234");
    BOOST_TEST(parts[2].name == "extra_repos");
    BOOST_TEST(parts[2].content == R"([{"name":"r"}])");
    BOOST_TEST(parts[3].name == "build_tarball");
    BOOST_TEST(parts[3].filename == "build.tar.gz");
    BOOST_TEST(parts[3].type == "application/gzip");
    BOOST_TEST(parts[3].content == bytes);
    const auto headers = server.requestsWithHeaders()[0].headers;
    BOOST_TEST(headers.at("user-agent") == "apb-farm");
    BOOST_TEST("http://" + headers.at("host") == server.url());
}

BOOST_FIXTURE_TEST_CASE(always_sends_the_timeout_and_leaves_out_repositories_that_are_not_there, OneServer)
{
    submit();
    BOOST_TEST(server.submissions().at(0).timeout == "7200");
    BOOST_TEST(server.submissions().at(0).parts.size() == 3);
}

BOOST_FIXTURE_TEST_CASE(sends_a_payload_from_a_file_byte_for_byte, OneServer)
{
    const test::TempDir folder;
    std::string bytes;
    for (int i = 0; i < 96; ++i)
        bytes += util::randomBytes(65521);
    std::ofstream(folder / "payload", std::ios::binary) << bytes;
    Payload payload{{}, util::UniqueFd(::open((folder / "payload").c_str(), O_RDONLY | O_CLOEXEC)), bytes.size()};
    BOOST_TEST((client.submit({kBuild}, payload).verdict == Verdict::Accepted));
    BOOST_TEST(server.submissions().at(0).payloadDigest == util::sha256Hex(bytes));
}

BOOST_FIXTURE_TEST_CASE(a_payload_that_became_shorter_is_not_sent_at_all, OneServer)
{
    const test::TempDir folder;
    std::ofstream(folder / "payload") << "short";
    Payload payload{{}, util::UniqueFd(::open((folder / "payload").c_str(), O_RDONLY | O_CLOEXEC)), 6};
    BOOST_CHECK_THROW(client.submit({kBuild}, payload), Unavailable);
    BOOST_TEST(server.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(an_old_server_asks_for_single_files_and_gets_them, OneServer)
{
    server.setGeneration(2);
    BOOST_TEST((submit().verdict == Verdict::NeedsFiles));
    const TempDir folder;
    const auto file = util::temporaryFile(folder.path());
    FilesForm form({kBuild}, file.get());
    form.beginFile("PKGBUILD");
    form.append("pkgname=");
    form.append("hello\n");
    form.beginFile("hello.sh");
    form.append("echo");
    form.finish();
    const auto result = client.submitFiles(form);
    BOOST_TEST((result.verdict == Verdict::Accepted));
    const auto parts = server.submissions().at(1).parts;
    BOOST_REQUIRE(parts.size() == 4);
    BOOST_TEST(parts[2].name == "pkgbuild");
    BOOST_TEST(parts[2].filename == "PKGBUILD");
    BOOST_TEST(parts[2].content == "pkgname=hello\n");
    BOOST_TEST(parts[3].name == "sources");
    BOOST_TEST(parts[3].filename == "hello.sh");
    BOOST_TEST(parts[3].content == "echo");
}

BOOST_FIXTURE_TEST_CASE(follows_a_build_to_its_end, OneServer)
{
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.status(kBuild))));
    submit();
    auto record = std::get<RemoteBuild>(client.status(kBuild));
    BOOST_TEST((record.status == BuildStatus::Building));
    BOOST_TEST(record.startTime.has_value());
    BOOST_TEST(!record.endTime.has_value());
    server.finish(kBuild, BuildStatus::Completed, {{kPackage, "content"}});
    record = std::get<RemoteBuild>(client.status(kBuild));
    BOOST_TEST((record.status == BuildStatus::Completed));
    BOOST_TEST((record.exitCode == 0));
    BOOST_TEST(record.endTime.has_value());
    BOOST_TEST(record.duration.has_value());
    BOOST_REQUIRE(record.packages.size() == 1);
    BOOST_TEST(record.packages[0].filename == kPackage);
    BOOST_TEST(record.packages[0].size == 7);
    BOOST_REQUIRE(record.logs.size() == 1);
    BOOST_TEST(record.logs[0].filename == "build.log");
    server.forget(kBuild);
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.status(kBuild))));
}

BOOST_FIXTURE_TEST_CASE(pages_through_output, OneServer)
{
    submit();
    for (int i = 1; i < 10; ++i)
        server.appendLog(kBuild, "line " + std::to_string(i) + "\rprogress \x1b[1m");
    const auto page = std::get<OutputPage>(client.output(kBuild, 4, 3));
    BOOST_TEST(page.start == 4u);
    BOOST_TEST(page.total == 10u);
    BOOST_REQUIRE(page.lines.size() == 3);
    BOOST_TEST(page.lines[0] == "line 4\rprogress \x1b[1m");
    BOOST_TEST(server.requests().back() == "GET /build/" + kBuild + "/output?start_index=4&limit=3");
    BOOST_TEST((std::get<OutputPage>(client.output(kBuild, 10, 3)).lines.empty()));
}

BOOST_FIXTURE_TEST_CASE(cancels_once_and_says_so_when_it_is_too_late, OneServer)
{
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.cancel(kBuild))));
    submit();
    BOOST_TEST(std::get<CancelAccepted>(client.cancel(kBuild)).success);
    const auto again = std::get<CancelAccepted>(client.cancel(kBuild));
    BOOST_TEST(!again.success);
    BOOST_TEST(again.message == "Build already finished");
}

BOOST_FIXTURE_TEST_CASE(downloads_names_with_colons_and_plus_signs, OneServer)
{
    submit();
    std::string content;
    for (int i = 0; i < 20; ++i)
        content += util::randomBytes(50000);
    server.finish(kBuild, BuildStatus::Completed, {{kPackage, content}});
    BOOST_TEST(std::get<FileDone>(download(kPackage)).size == content.size());
    BOOST_TEST((downloaded == content));
    BOOST_TEST((std::holds_alternative<FileMissing>(download("other.pkg.tar.zst"))));
    BOOST_TEST(downloaded.empty());
}

BOOST_FIXTURE_TEST_CASE(lists_each_build_once, OneServer)
{
    const auto other = util::randomUuid();
    server.addForeignBuild(kBuild, "one", BuildStatus::Completed);
    server.addForeignBuild(other, "two", BuildStatus::Building);
    const auto builds = std::get<std::vector<ListedBuild>>(client.latest(50));
    BOOST_REQUIRE(builds.size() == 2);
    BOOST_TEST(builds[0].id == other);
    BOOST_TEST((builds[0].status == BuildStatus::Building));
    BOOST_TEST(!builds[0].endTime.has_value());
    BOOST_TEST(builds[1].id == kBuild);
    BOOST_TEST(builds[1].pkgname == "one");
    BOOST_TEST(*builds[1].endTime > 1.7e9);
}

BOOST_FIXTURE_TEST_CASE(keeps_the_connection_for_questions_but_takes_a_fresh_one_to_submit, OneServer)
{
    client.info();
    client.status(kBuild);
    submit();
    client.status(kBuild);
    const auto requests = server.requestsWithHeaders();
    BOOST_REQUIRE(requests.size() == 4);
    BOOST_TEST(requests[1].indexOnConnection == 1);
    BOOST_TEST(requests[2].indexOnConnection == 0);
    BOOST_TEST(requests[3].indexOnConnection == 1);
}

BOOST_FIXTURE_TEST_CASE(asks_once_more_when_the_kept_connection_was_closed, OneServer)
{
    server.misbehave({Fault::CloseOnReuse});
    BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())));
    BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())));
    BOOST_TEST(server.requests().size() == 3);
}

BOOST_FIXTURE_TEST_CASE(a_restarted_server_is_found_again_at_once, OneServer)
{
    submit();
    server.restart();
    BOOST_TEST((std::holds_alternative<BuildNotKnown>(client.status(kBuild))));
}

BOOST_FIXTURE_TEST_CASE(finds_a_server_by_name_behind_a_path, OneServer)
{
    const auto port = server.url().substr(server.url().rfind(':'));
    ServerClient named("http://localhost" + port + "/servers/x86/", {});
    named.info();
    BOOST_TEST(server.requests().at(0) == "GET /servers/x86/");
    BOOST_TEST(server.requestsWithHeaders().at(0).headers.at("host") == "localhost" + port);
}

BOOST_FIXTURE_TEST_CASE(never_sends_ids_or_names_that_servers_would_use_as_paths, OneServer)
{
    for (const std::string id : {"", "../../etc", "BDF6A18A-6AE5-4CFA-BFF8-DFE49883E816", "a?b"}) {
        Payload payload{"x", {}, 0};
        BOOST_CHECK_THROW(client.status(id), InvalidInput);
        BOOST_CHECK_THROW(client.submit({id}, payload), InvalidInput);
    }
    for (const std::string name : {"", ".", "..", "../x", "a/b", "-rf", "a b", "a\nb"})
        BOOST_CHECK_THROW(download(name), InvalidInput);
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

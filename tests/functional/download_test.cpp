// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::pair<std::string, std::string>> kTypes{
    {"hello-multi-2:1.2.3-4-x86_64.pkg.tar.zst", "application/zstd"},
    {"a+b~c@d_e-1-1-any.pkg.tar.xz", "application/x-xz"},
    {"plain.tar.gz", "application/gzip"},
    {"plain.tar.bz2", "application/x-bzip2"},
    {"plain.tar", "application/x-tar"},
    {"notes.bin", "application/octet-stream"},
};

struct FinishedFarm {
    FinishedFarm()
    {
        farm.start();
        build = acceptedBuild(submit(farm.admin(), "hello"));
        BOOST_TEST_REQUIRE(server.waitForAccepted(build));
        for (int i = 1; i <= 150; ++i)
            server.appendLog(build, "line " + std::to_string(i));
        std::vector<FakeFile> files;
        for (const auto& [name, type] : kTypes)
            files.push_back({name, "content of " + name});
        server.finish(build, BuildStatus::Completed, files);
        BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build, 30s) == "completed");
    }

    std::string path(const std::string& name) const { return "/build/" + build + "/download/" + name; }

    FakeBuildServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
    std::string build;
};

} // namespace

BOOST_AUTO_TEST_SUITE(Download)

BOOST_FIXTURE_TEST_CASE(every_kind_of_file_has_the_headers_that_clients_know, FinishedFarm)
{
    for (const auto& [name, type] : kTypes) {
        const auto answer = farm.guest().get(path(name));
        BOOST_TEST_REQUIRE(answer.status == 200, name);
        BOOST_TEST(answer.body == "content of " + name);
        BOOST_TEST(answer.header("content-type") == type);
        BOOST_TEST(answer.header("cache-control") == "public, max-age=2592000, immutable");
        BOOST_TEST(answer.header("etag") == "\"" + build + "-" + name + "\"");
        BOOST_TEST(answer.header("content-disposition") == "attachment; filename=\"" + name + "\"");
        BOOST_TEST(answer.header("content-length") == std::to_string(answer.body.size()));
        BOOST_TEST(!answer.header("last-modified").empty());
    }
}

BOOST_FIXTURE_TEST_CASE(signs_in_names_are_taken_raw_and_encoded, FinishedFarm)
{
    const auto guest = farm.guest();
    BOOST_TEST(guest.get(path("hello-multi-2%3A1.2.3-4-x86_64.pkg.tar.zst")).status == 200);
    BOOST_TEST(guest.get(path("a%2Bb%7Ec%40d_e-1-1-any.pkg.tar.xz")).status == 200);
    BOOST_TEST(guest.get(path("a%20b~c@d_e-1-1-any.pkg.tar.xz")).status == 404);   // a plus is a plus
    BOOST_TEST(guest.get(path("none.pkg.tar.zst")).status == 404);
    BOOST_TEST(json(guest.get(path("none.pkg.tar.zst")))->has("detail"));
}

BOOST_FIXTURE_TEST_CASE(guests_get_the_end_of_a_log_and_users_all_of_it, FinishedFarm)
{
    const auto tail = farm.guest().get(path("build.log"));
    BOOST_TEST(tail.status == 200);
    BOOST_TEST(tail.header("x-apb-log-truncated") == "true");
    BOOST_TEST(tail.header("x-apb-log-tail-lines") == "100");
    BOOST_TEST(tail.header("etag") == "\"" + build + "-build.log-guest-tail\"");
    BOOST_TEST(tail.header("cache-control") == "private, no-store");
    BOOST_TEST(tail.body.starts_with("# APB:"));
    BOOST_TEST(tail.body.substr(tail.body.find('\n'), 2) == "\n\n");
    BOOST_TEST(std::ranges::count(tail.body, '\n') == 102);
    BOOST_TEST(tail.body.find("line 150\n") != std::string::npos);
    BOOST_TEST(tail.body.find("line 50\n") == std::string::npos);

    const auto whole = farm.admin().get(path("build.log"));
    BOOST_TEST(whole.header("content-type") == "text/plain; charset=utf-8");
    BOOST_TEST(whole.header("content-disposition") == "inline; filename=\"build.log\"");
    BOOST_TEST(whole.header("etag") == "\"" + build + "-build.log-full\"");
    BOOST_TEST(whole.header("cache-control") == "private, no-store");
    BOOST_TEST(whole.header("x-apb-log-truncated") == "");
    BOOST_TEST(whole.body.find("line 1\n") != std::string::npos);
    BOOST_TEST(whole.body.find("line 150\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

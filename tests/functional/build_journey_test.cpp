// SPDX-License-Identifier: MIT
#include "real_server.h"

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

std::string run(const std::vector<std::string>& command, const std::filesystem::path& output)
{
    std::filesystem::remove(output);
    ChildProcess child(command, output);
    BOOST_TEST_REQUIRE(child.wait().value_or(-1) == 0, child.output());
    return child.output();
}

/// What a client makes of examples/hello.
std::string helloTarball(const TempDir& folder)
{
    const auto file = folder / "hello.tar.gz";
    run({"tar", "-C", sourceDirectory() / "examples/hello", "-czf", file, "."}, folder / "tar.log");
    return readFile(file);
}

std::string listing(const TempDir& folder, const std::string& package)
{
    std::ofstream(folder / "package", std::ios::binary) << package;
    return run({"bsdtar", "-tf", folder / "package"}, folder / "listing");
}

std::string bodyLength(const HttpAnswer& answer)
{
    return std::to_string(answer.body.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildJourney)

BOOST_AUTO_TEST_CASE(one_submission_becomes_a_package_for_each_architecture)
{
    TempDir folder;
    RealServer x86("x86_64"), arm("aarch64");
    FarmProcess farm({{"x86_64", x86.url()}, {"aarch64", arm.url()}});
    farm.start();
    const auto client = farm.admin();
    const auto accepted = submitTarball(client, helloTarball(folder));
    BOOST_TEST_REQUIRE(accepted.status == 200, accepted.body);
    const auto builds = json(accepted)->getArray("builds");
    BOOST_TEST_REQUIRE(builds->size() == 2u);

    for (unsigned i = 0; i < 2; ++i) {
        const auto build = builds->getObject(i)->getValue<std::string>("build_id");
        const auto architecture = builds->getObject(i)->getValue<std::string>("arch");
        BOOST_TEST_REQUIRE(waitForEnd(client, build) == "completed", farm.log());
        const auto packages = packagesOf(client, build);
        BOOST_TEST_REQUIRE(packages.size() == 1u);
        BOOST_TEST(packages[0] == "hello-1.0.0-1-" + architecture + ".pkg.tar.zst");

        const auto package = farm.guest().get("/build/" + build + "/download/" + packages[0]);
        BOOST_TEST_REQUIRE(package.status == 200);
        BOOST_TEST(listing(folder, package.body).find("usr/bin/hello\n") != std::string::npos);
        const auto listed = json(client.get("/build/" + build + "/status-api"))->getArray("packages")->getObject(0);
        BOOST_TEST(listed->getValue<std::string>("size") == bodyLength(package));
        BOOST_TEST((farm.guest().get(listed->getValue<std::string>("download_url")).body == package.body));
    }
    const auto latest = json(farm.guest().get("/builds/latest"));
    BOOST_TEST(latest->getArray("builds")->size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_package_can_be_fetched_in_parts_and_need_not_be_fetched_twice)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto build = acceptedBuild(submit(farm.admin(), "parts"));
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());
    const auto target = "/build/" + build + "/download/" + packagesOf(farm.guest(), build).at(0);
    const auto whole = farm.guest().get(target);
    BOOST_TEST_REQUIRE(whole.body.size() > 200u);

    const auto slice = farm.guest().get(target, {{"Range", "bytes=10-109"}});
    BOOST_TEST(slice.status == 206);
    BOOST_TEST((slice.body == whole.body.substr(10, 100)));
    BOOST_TEST(slice.header("Content-Range") == "bytes 10-109/" + bodyLength(whole));
    const auto tail = farm.guest().get(target, {{"Range", "bytes=-7"}});
    BOOST_TEST((tail.body == whole.body.substr(whole.body.size() - 7)));
    BOOST_TEST(farm.guest().get(target, {{"Range", "bytes=999999999-"}}).status == 416);

    const auto tag = whole.header("ETag");
    BOOST_TEST_REQUIRE(!tag.empty());
    const auto unchanged = farm.guest().get(target, {{"If-None-Match", tag}});
    BOOST_TEST(unchanged.status == 304);
    BOOST_TEST(unchanged.body.empty());
    BOOST_TEST(farm.guest().get(target, {{"If-None-Match", "\"another\""}}).status == 200);
    BOOST_TEST(farm.guest().head(target).header("Content-Length") == bodyLength(whole));
    BOOST_TEST(farm.guest().get("/build/" + build + "/download/absent-1-1-any.pkg.tar.zst").status == 404);
}

BOOST_AUTO_TEST_CASE(a_package_for_any_architecture_is_built_once)
{
    RealServer x86("x86_64"), arm("aarch64");
    FarmProcess farm({{"x86_64", x86.url()}, {"aarch64", arm.url()}});
    farm.start();
    const auto accepted = submit(farm.admin(), "everywhere", "'any'");
    const auto build = acceptedBuild(accepted);
    const auto builds = json(accepted)->getArray("builds");
    BOOST_TEST(builds->size() == 1u);
    const auto architecture = builds->getObject(0)->getValue<std::string>("arch");
    BOOST_TEST((architecture == "x86_64" || architecture == "aarch64"), architecture);

    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());
    BOOST_TEST(packagesOf(farm.guest(), build).at(0) == "everywhere-1.0-1-any.pkg.tar.zst");
    BOOST_TEST(int(x86.statusOf(build) == "completed") + int(arm.statusOf(build) == "completed") == 1);
}

BOOST_AUTO_TEST_CASE(old_clients_send_single_files)
{
    TempDir folder;
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto text = pkgbuild("singles", "'x86_64'",
                               "source=(note.txt)\nsha256sums=(SKIP)\n"
                               "package() { install -Dm644 note.txt \"$pkgdir/usr/share/note.txt\"; }\n");
    const auto answer = farm.admin().multipart(
        "/build", {{"architectures", "x86_64"}, {"pkgbuild", text, "PKGBUILD"}, {"sources", "a note\n", "note.txt"}});
    const auto build = acceptedBuild(answer);
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());
    const auto package = farm.guest().get("/build/" + build + "/download/" + packagesOf(farm.guest(), build).at(0));
    BOOST_TEST(listing(folder, package.body).find("usr/share/note.txt\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failing_build_is_shown_as_failed_with_its_log)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto client = farm.admin();
    const auto text = pkgbuild("failing", "'x86_64'", "build() { echo about to fail; false; }\npackage() { :; }\n");
    const auto build = acceptedBuild(submitTarball(client, tarballOf(text)));
    BOOST_TEST_REQUIRE(waitForEnd(client, build) == "failed", farm.log());

    const auto status = json(client.get("/build/" + build + "/status-api"));
    BOOST_TEST(status->getValue<int>("exit_code") == 4);
    BOOST_TEST(status->getArray("packages")->size() == 0u);
    BOOST_TEST(status->getArray("logs")->size() == 1u);
    BOOST_TEST(!status->getValue<std::string>("reason").empty());
    BOOST_TEST(status->getValue<double>("duration") >= 0);
    const auto log = client.get("/build/" + build + "/download/build.log");
    BOOST_TEST(log.body.find("about to fail") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_build_is_a_page_for_people_and_json_for_clients)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto build = acceptedBuild(submit(farm.admin(), "shown"));
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());
    const auto target = "/build/" + build + "/status";

    const auto page = farm.guest().get(target, {{"Accept", "*/*"}});
    BOOST_TEST(page.status == 200);
    BOOST_TEST(page.header("Content-Type").starts_with("text/html"));
    BOOST_TEST(page.body.find("shown") != std::string::npos);
    const auto status = farm.guest().get(target + "?format=json");
    BOOST_TEST(status.header("Content-Type").starts_with("application/json"));
    BOOST_TEST(member(status, "build_id") == build);
    BOOST_TEST(member(status, "server_arch") == "x86_64");
    BOOST_TEST(farm.guest().get("/build/" + build + "/status-api").body == status.body);
    BOOST_TEST(farm.guest().get(target + "?format=xml").status == 400);
    const auto unknown = farm.guest().get("/build/00000000-0000-4000-8000-000000000000/status?format=json");
    BOOST_TEST(unknown.status == 404);
    BOOST_TEST(member(unknown, "error_type") == "build_not_found");
}

BOOST_AUTO_TEST_SUITE_END()

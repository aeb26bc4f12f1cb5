// SPDX-License-Identifier: MIT
#include "server_fixture.h"
#include "unit/package/tar_builder.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

const std::string kGood = pkgbuild("input", kEmptyPackage);

std::string errorOf(const HttpAnswer& answer)
{
    const auto detail = parseJson(answer.body)->getObject("detail");
    return detail ? detail->getValue<std::string>("error") : answer.body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerInput)

BOOST_FIXTURE_TEST_CASE(a_known_id_is_refused_and_a_refused_one_is_free, ServerFixture)
{
    start();
    const auto id = util::randomUuid();
    BOOST_TEST(submit(id, makeTar({{"README", "no recipe"}})).status == 400);
    BOOST_TEST(submit(id, makeTar({{"PKGBUILD", kGood}})).status == 200);
    const auto again = submit(id, makeTar({{"PKGBUILD", kGood}}));
    BOOST_TEST(again.status == 400);
    BOOST_TEST(errorOf(again) == "Build ID already exists");
    waitForEnd(id);
    BOOST_TEST(errorOf(submit(id, makeTar({{"PKGBUILD", kGood}}))) == "Build ID already exists");
}

BOOST_FIXTURE_TEST_CASE(an_archive_cut_within_a_header_that_the_library_gives_no_reason_for_is_refused, ServerFixture)
{
    start();
    const auto answer = submit(util::randomUuid(), gzip(tarHeader({.name = "p", .content = "1234", .type = 'x'}) + "12"));
    BOOST_TEST(answer.status == 400, answer.body);
    BOOST_TEST(errorOf(answer) == "Invalid tarball");
}

BOOST_FIXTURE_TEST_CASE(bad_archives_are_refused, ServerFixture)
{
    start();
    const auto refused = [&](const std::string& tarball, const std::string& detail) {
        const auto answer = submit(util::randomUuid(), tarball);
        BOOST_TEST(answer.status == 400, answer.body);
        BOOST_TEST(errorOf(answer) == "Invalid tarball");
        BOOST_TEST(answer.body.find(detail) != std::string::npos, answer.body);
    };
    const ArchiveItem recipe{"PKGBUILD", kGood};
    refused("this is no archive", "not a gzip file");
    refused(makeTar({recipe}, false), "not a gzip file");
    refused(makeTar({{"sub/PKGBUILD", kGood}}), "Tarball must contain a PKGBUILD file");
    refused(makeTar({recipe, {"../escaped", "x"}}), "'..'");
    refused(makeTar({recipe, {"a/../../escaped", "x"}}), "'..'");
    refused(makeTar({recipe, {"/tmp/escaped", "x"}}), "absolute");
    refused(makeTar({recipe, {"link", "/etc/passwd", AE_IFLNK}}), "link");
    refused(makeTar({recipe, {"link", "../../secret", AE_IFLNK}}), "link");
    refused(makeTar({recipe, {"PKGBUILD", "twice"}}), "twice");
    refused(makeTar({recipe, {"pipe", "", AE_IFIFO}}), "not a file");
    refused(makeTar({{"PKGBUILD", "/etc/passwd", AE_IFLNK}}), "link");
    refused(makeTar({recipe, {"bomb", std::string(40 << 20, '\0')}}), "too much");
    const auto whole = makeTar({recipe, {"data", util::randomBytes(50000)}});
    refused(whole.substr(0, whole.size() / 2), "Could not extract tarball");
    BOOST_TEST(!std::filesystem::exists(directory() / "escaped"));
    BOOST_TEST(std::filesystem::is_empty(directory() / "builds/.incoming"));
}

BOOST_FIXTURE_TEST_CASE(a_link_inside_and_a_dot_slash_are_fine, ServerFixture)
{
    start();
    const auto id = util::randomUuid();
    const auto answer = submit(id, makeTar({{"./", "", AE_IFDIR},
                                            {"./PKGBUILD", kGood},
                                            {"./keys/one", "1"},
                                            {"./link", "keys/one", AE_IFLNK}}));
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(statusOf(waitForEnd(id)) == "completed", log(id));
    // A link among the sources is not followed by a download.
    BOOST_TEST(http().get("/build/" + id + "/download/link").status == 404);
}

BOOST_FIXTURE_TEST_CASE(an_upload_too_large_for_memory_arrives_whole, ServerFixture)
{
    start();
    const auto data = util::randomBytes(3 << 20);
    const auto id = util::randomUuid();
    BOOST_TEST(submit(id, makeTar({{"PKGBUILD", kGood}, {"data", data}})).status == 200);
    BOOST_TEST((http().get("/build/" + id + "/download/data").body == data));
    const auto legacy = util::randomUuid();
    BOOST_TEST(http().multipart("/build", {{"build_id", legacy}, {"pkgbuild", kGood, "PKGBUILD"}, {"sources", data, "data"}})
                   .status == 200);
    BOOST_TEST((http().get("/build/" + legacy + "/download/data").body == data));
}

BOOST_FIXTURE_TEST_CASE(bad_fields_are_named, ServerFixture)
{
    start({"--min-build-timeout", "300"});
    const auto tarball = makeTar({{"PKGBUILD", kGood}});
    const auto withoutId = http().multipart("/build", {{"build_tarball", tarball, "build.tar.gz"}});
    BOOST_TEST(withoutId.status == 422);
    BOOST_TEST(withoutId.body.find(R"("loc":["body","build_id"])") != std::string::npos);
    for (const auto* id : {"../../etc", "bt-9", "BDF6A18A-6AE5-4CFA-BFF8-DFE49883E816"})
        BOOST_TEST(submit(id, tarball).status == 400);
    const auto timeout = [&](const char* text) { return submit(util::randomUuid(), tarball, {{"build_timeout", text}}); };
    BOOST_TEST(timeout("soon").status == 422);
    BOOST_TEST(errorOf(timeout("299")) == "Invalid timeout");
    BOOST_TEST(errorOf(timeout("14401")) == "Invalid timeout");
    BOOST_TEST(errorOf(timeout("-5")) == "Invalid timeout");
    BOOST_TEST(timeout("").status == 200);
    const auto repositories = [&](const char* text) {
        return submit(util::randomUuid(), tarball, {{"extra_repos", text}}).status;
    };
    BOOST_TEST(repositories("{}") == 400);
    BOOST_TEST(repositories("[") == 400);
    BOOST_TEST(repositories(R"([{"name":"a b","url":"https://x"}])") == 400);
    BOOST_TEST(repositories(R"([{"name":"a","url":"file:///etc"}])") == 400);
    BOOST_TEST(repositories("[]") == 200);
}

BOOST_FIXTURE_TEST_CASE(bad_legacy_forms_are_refused, ServerFixture)
{
    start();
    const auto legacy = [&](std::vector<HttpPart> parts) {
        parts.push_back({"build_id", util::randomUuid()});
        return errorOf(http().multipart("/build", parts));
    };
    BOOST_TEST(legacy({}) == "No build files provided");
    BOOST_TEST(legacy({{"pkgbuild", kGood, "recipe"}}) == "Invalid PKGBUILD file");
    BOOST_TEST(legacy({{"pkgbuild", "pkgver=1\n", "PKGBUILD"}}) == "Invalid PKGBUILD file");
    for (const auto* name : {"..", "-rf", ".hidden", "PKGBUILD"})
        BOOST_TEST(legacy({{"pkgbuild", kGood, "PKGBUILD"}, {"sources", "x", name}}) == "Invalid source file");
}

BOOST_FIXTURE_TEST_CASE(a_tarball_over_the_limit_is_413_in_the_servers_shape, ServerFixture)
{
    start({"--max-request-size", "100000"});
    const auto answer = submit(util::randomUuid(), makeTar({{"PKGBUILD", kGood}, {"data", util::randomBytes(200000)}}));
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(errorOf(answer) == "File too large");
}

BOOST_FIXTURE_TEST_CASE(no_name_leads_out_of_a_build, ServerFixture)
{
    start();
    const auto id = build(kGood);
    waitForEnd(id);
    for (const auto* name : {"record.json", "..%2f..%2fserver.log", "%2e%2e", ".", "files", "packages"})
        BOOST_TEST(http().get("/build/" + id + "/download/" + name).status / 100 == 4, name);
    BOOST_TEST(http().get("/build/..%2f" + id + "/download/PKGBUILD").status / 100 == 4);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "server_fixture.h"

#include "support/secret_file.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

const std::string kSecret = "the-first-secret-of-this-server";
const std::string kNext = "the-second-secret-of-this-server";

struct SecretFixture : ServerFixture {
    std::string write(const std::string& text) { return writeSecretFile(directory() / "secrets", text); }
    void startWithSecret() { start({"--secret-file", write("# of the farm\n" + kSecret + "\n")}); }

    HttpAnswer get(const std::string& path, const std::string& authorization) const
    {
        return http().get(path, {{"Authorization", authorization}});
    }
    bool opens(const std::string& secret) const { return get("/", "Bearer " + secret).status == 200; }
    std::string log() { return program().output(); }

    /// What it says when it does not start with that file.
    std::string refusalOf(const std::string& file)
    {
        ChildProcess program({(buildDirectory() / "bin/apb-server").string(), "--port", "0", "--builds-dir",
                              (directory() / "builds").string(), "--secret-file", file},
                             directory() / "refusal.log");
        BOOST_TEST(program.wait().value_or(0) == 64);
        const auto said = program.output();
        std::filesystem::remove(directory() / "refusal.log");
        return said;
    }
};

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(BuildServerSecret, SecretFixture)

BOOST_AUTO_TEST_CASE(without_the_secret_nothing_but_its_health_is_told_V7)
{
    startWithSecret();
    const std::string build = "/build/" + util::randomUuid();
    for (const auto& path : {std::string("/"), std::string("/builds/latest"), std::string("/admin/cleanup"), build,
                             build + "/status-api", build + "/output", build + "/stream", build + "/download/build.log",
                             build + "/packages", std::string("/nothing/here")}) {
        const auto answer = http().get(path);
        BOOST_TEST(answer.status == 401, path);
        BOOST_TEST(parseJson(answer.body)->getValue<std::string>("type") == "secret_required", path);
        BOOST_TEST(answer.header("WWW-Authenticate") == "Bearer realm=\"apb-server\"", path);
    }
    BOOST_TEST(http().post(build + "/cancel").status == 401);
    BOOST_TEST(http().post("/").status == 401);
    BOOST_TEST(submit(util::randomUuid(), makeTar({{"PKGBUILD", pkgbuild("input", kEmptyPackage)}})).status == 401);
    BOOST_TEST(http().get("/health").status == 200);
    BOOST_TEST(std::filesystem::is_empty(directory() / "builds/.incoming"));
}

BOOST_AUTO_TEST_CASE(only_the_whole_secret_as_a_bearer_opens_V7)
{
    startWithSecret();
    BOOST_TEST(opens(kSecret));
    BOOST_TEST(get("/", "bearer " + kSecret).status == 200);
    BOOST_TEST(get("/nothing/here", "Bearer " + kSecret).status == 404);
    for (const auto& wrong : {kSecret, "Basic " + kSecret, "Bearer " + kSecret.substr(1), "Bearer " + kSecret + "x",
                              std::string("Bearer "), std::string("Bearer"), "Bearer x" + kSecret.substr(1),
                              std::string("Bearer # of the farm")})
        BOOST_TEST(get("/", wrong).status == 401, wrong);
}

BOOST_AUTO_TEST_CASE(two_secrets_count_while_farm_and_server_change_over_without_a_restart_V7)
{
    startWithSecret();
    BOOST_TEST(!opens(kNext));
    write(kSecret + "\n" + kNext + "\n");
    BOOST_TEST(opens(kNext));
    BOOST_TEST(opens(kSecret));
    write(kNext + "\n");
    BOOST_TEST(opens(kNext));
    BOOST_TEST(!opens(kSecret));
}

BOOST_AUTO_TEST_CASE(a_change_that_makes_no_sense_leaves_the_secrets_as_they_were_V7)
{
    startWithSecret();
    write("short\n");
    BOOST_TEST(opens(kSecret));
    std::filesystem::permissions(write(kNext + "\n"), std::filesystem::perms(0644));
    BOOST_TEST(opens(kSecret));
    BOOST_TEST(!opens(kNext));
    std::filesystem::remove(directory() / "secrets");
    BOOST_TEST(opens(kSecret));
    BOOST_TEST(has(log(), "The secrets stay as they were"));
    BOOST_TEST(!has(log(), kSecret));
    BOOST_TEST(!has(log(), kNext));
}

BOOST_AUTO_TEST_CASE(it_does_not_start_with_a_file_that_is_missing_open_or_holds_no_secret_O1_O2)
{
    BOOST_TEST(has(refusalOf(directory() / "nowhere"), "cannot be read"));
    BOOST_TEST(has(refusalOf(write("")), "holds no secret"));
    BOOST_TEST(has(refusalOf(write("# nothing\n\n")), "holds no secret"));
    BOOST_TEST(has(refusalOf(write("short\n")), "shorter than 16 characters"));
    BOOST_TEST(has(refusalOf(write("with blanks in the middle\n")), "blanks"));
    BOOST_TEST(has(refusalOf(write(kSecret + "1\n" + kSecret + "2\n" + kSecret + "3\n")), "more than two"));
    const auto open = write(kSecret);
    std::filesystem::permissions(open, std::filesystem::perms(0644));
    const auto said = refusalOf(open);
    BOOST_TEST(has(said, "chmod 0600 " + open), said);
    BOOST_TEST(!has(said, kSecret));
}

BOOST_AUTO_TEST_SUITE_END()

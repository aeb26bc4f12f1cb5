// SPDX-License-Identifier: MIT
#include "server_fixture.h"

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

BOOST_AUTO_TEST_SUITE(BuildServer)

BOOST_FIXTURE_TEST_CASE(builds_the_sample_into_a_package_whose_program_runs, ServerFixture)
{
    start();
    const auto id = util::randomUuid();
    const auto accepted = submit(id, makeTarOf(sourceDirectory() / "examples/hello"), {{"build_timeout", "600"}});
    BOOST_TEST_REQUIRE(accepted.status == 200, accepted.body);
    BOOST_TEST(parseJson(accepted.body)->getValue<std::string>("status") == "queued");

    const auto build = waitForEnd(id);
    BOOST_TEST_REQUIRE(statusOf(build) == "completed", log(id));
    BOOST_TEST(build->getValue<int>("exit_code") == 0);
    BOOST_TEST(build->getValue<std::string>("pkgname") == "hello");
    BOOST_TEST(build->getValue<int>("build_timeout") == 600);
    BOOST_TEST(build->getArray("logs")->size() == 1u);
    const auto packages = packagesOf(build);
    BOOST_TEST_REQUIRE(packages.size() == 1u);
    BOOST_TEST(packages[0] == "hello-1.0.0-1-x86_64.pkg.tar.zst");

    const auto package = directory() / packages[0];
    std::ofstream(package, std::ios::binary) << http().get("/build/" + id + "/download/" + packages[0]).body;
    ChildProcess list({"bsdtar", "-tf", package}, directory() / "list");
    BOOST_TEST(list.wait().value_or(-1) == 0);
    BOOST_TEST(list.output().find("usr/bin/hello\n") != std::string::npos);
    ChildProcess extract({"bsdtar", "-xf", package, "-C", directory().path(), "usr/bin/hello"}, directory() / "extract");
    BOOST_TEST(extract.wait().value_or(-1) == 0);
    ChildProcess hello({directory() / "usr/bin/hello", "farm"}, directory() / "hello");
    BOOST_TEST(hello.wait().value_or(-1) == 0);
    BOOST_TEST(hello.output() == "Hello, farm! This was built by a package build farm.\n");
}

BOOST_FIXTURE_TEST_CASE(the_log_begins_and_ends_as_farms_know_it, ServerFixture)
{
    start();
    const auto id = build(pkgbuild("framed", kEmptyPackage));
    waitForEnd(id);
    const auto text = log(id);
    BOOST_TEST(text.starts_with("Starting build for framed\n"));
    BOOST_TEST(text.ends_with("Build completed successfully\nBuild " + id + " finished\n"));
}

BOOST_FIXTURE_TEST_CASE(emulates_a_second_architecture, ServerFixture)
{
    start({"--architecture", "aarch64"});
    BOOST_TEST(root()->getValue<std::string>("supported_architecture") == "aarch64");
    const auto id = util::randomUuid();
    submit(id, makeTarOf(sourceDirectory() / "examples/hello"));
    const auto packages = packagesOf(waitForEnd(id));
    BOOST_TEST_REQUIRE(packages.size() == 1u);
    BOOST_TEST(packages[0] == "hello-1.0.0-1-aarch64.pkg.tar.zst");
}

BOOST_FIXTURE_TEST_CASE(a_failing_build_is_failed_with_makepkgs_code_and_has_a_log, ServerFixture)
{
    start();
    const auto id = build(pkgbuild("failing", "build() { echo about to fail; false; }\n" + kEmptyPackage));
    const auto failed = waitForEnd(id);
    BOOST_TEST(statusOf(failed) == "failed");
    BOOST_TEST(failed->getValue<int>("exit_code") == 4);
    BOOST_TEST(packagesOf(failed).empty());
    BOOST_TEST(failed->getArray("logs")->size() == 1u);
    BOOST_TEST(log(id).find("about to fail") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_foreign_architecture_fails_with_code_12, ServerFixture)
{
    start();
    const auto id = build("pkgname=foreign\npkgver=1\npkgrel=1\narch=('riscv64')\n" + kEmptyPackage);
    BOOST_TEST(waitForEnd(id)->getValue<int>("exit_code") == 12);
}

BOOST_FIXTURE_TEST_CASE(takes_the_legacy_form_and_records_extra_repositories, ServerFixture)
{
    start();
    const auto id = util::randomUuid();
    const auto text = pkgbuild("legacy", "source=(note.txt)\nsha256sums=(SKIP)\n"
                                         "package() { install -Dm644 note.txt \"$pkgdir/usr/share/note.txt\"; }");
    const auto answer = http().multipart(
        "/build", {{"build_id", id},
                   {"extra_repos", R"([{"name": "extra", "url": "https://repo.example.org/x", "gpg_key_id": "AB"}])"},
                   {"pkgbuild", text, "PKGBUILD"},
                   {"sources", "a note\n", "note.txt"}});
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    const auto done = waitForEnd(id);
    BOOST_TEST(statusOf(done) == "completed", log(id));
    BOOST_TEST(done->getArray("extra_repos")->getObject(0)->getValue<std::string>("name") == "extra");
    BOOST_TEST(http().get("/build/" + id + "/download/note.txt").body == "a note\n");
}

BOOST_FIXTURE_TEST_CASE(names_with_colon_and_plus_are_downloadable_raw_and_encoded, ServerFixture)
{
    start();
    const auto id = build("pkgname=libstd++probe\nepoch=2\npkgver=1.2\npkgrel=4\narch=('any')\nlicense=('MIT')\n"
                          + kEmptyPackage);
    const auto done = waitForEnd(id);
    const auto packages = packagesOf(done);
    BOOST_TEST_REQUIRE(packages.size() == 1u, log(id));
    BOOST_TEST(packages[0] == "libstd++probe-2:1.2-4-any.pkg.tar.zst");
    const auto base = "/build/" + id + "/download/";
    const auto raw = http().get(base + packages[0]);
    BOOST_TEST(raw.status == 200);
    BOOST_TEST(raw.body.starts_with("\x28\xb5\x2f\xfd"));   // zstd
    BOOST_TEST(raw.header("Content-Disposition")
               == "attachment; filename*=utf-8''libstd%2B%2Bprobe-2%3A1.2-4-any.pkg.tar.zst");
    BOOST_TEST((http().get(base + "libstd%2B%2Bprobe-2%3A1.2-4-any.pkg.tar.zst").body == raw.body));
    BOOST_TEST(http().get(base + "absent.pkg.tar.zst").body == R"({"detail":"File not found"})");
}

BOOST_FIXTURE_TEST_CASE(pages_of_the_output_follow_each_other, ServerFixture)
{
    start();
    const auto id = build(pkgbuild("chatty", "build() { for i in $(seq 300); do echo line $i; done; }\n" + kEmptyPackage));
    waitForEnd(id);
    std::string joined;
    std::uint64_t from = 0, total = 0;
    do {
        const auto page = parseJson(
            http().get("/build/" + id + "/output?start_index=" + std::to_string(from) + "&limit=70").body);
        BOOST_TEST(page->getValue<std::uint64_t>("start_index") == from);
        const auto lines = page->getArray("output");
        BOOST_TEST(lines->size() == page->getValue<std::size_t>("returned_lines"));
        for (const auto& line : *lines)
            joined += line.toString() + "\n";
        from += lines->size();
        total = page->getValue<std::uint64_t>("total_lines");
    } while (from < total);
    BOOST_TEST((joined == log(id)));
    const auto past = parseJson(http().get("/build/" + id + "/output?start_index=99999").body);
    BOOST_TEST(past->getValue<int>("returned_lines") == 0);
    BOOST_TEST(past->getValue<int>("start_index") == 99999);
    const auto tail = parseJson(http().get("/build/" + id + "/output?start_index=-1").body);
    BOOST_TEST(tail->getArray("output")->getElement<std::string>(0) == "Build " + id + " finished");
    BOOST_TEST(http().get("/build/" + id + "/output?limit=many").status == 422);
}

BOOST_FIXTURE_TEST_CASE(the_lists_know_each_build_once, ServerFixture)
{
    start();
    const auto first = build(pkgbuild("listed", kEmptyPackage));
    waitForEnd(first);
    const auto second = build(pkgbuild("listed", "build() { false; }\n" + kEmptyPackage));
    waitForEnd(second);
    const auto latest = parseJson(http().get("/builds/latest").body);
    BOOST_TEST(latest->getValue<int>("total") == 2);
    BOOST_TEST(latest->getArray("builds")->getObject(0)->getValue<std::string>("build_id") == second);
    const auto failed = parseJson(http().get("/builds/latest?status=failed").body);
    BOOST_TEST(failed->getValue<int>("total") == 1);
    const auto good = parseJson(http().get("/builds/pkgname/listed/latest").body);
    BOOST_TEST(good->getValue<std::string>("build_id") == first);
    BOOST_TEST(http().get("/builds/pkgname/listed/latest/download/package").status == 200);
    BOOST_TEST(http().get("/builds/pkgname/listed/latest/download/debug").status == 404);
    BOOST_TEST(http().get("/builds/pkgname/unknown/latest").body == R"({"detail":"No builds found for package"})");
    BOOST_TEST(parseJson(http().get("/builds/pkgname/unknown").body)->getArray("builds")->size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(says_what_it_is_without_delay, ServerFixture)
{
    start({"--max-concurrent", "5"});
    const auto document = root();
    BOOST_TEST(statusOf(document) == "running");
    const auto queue = document->getObject("queue_status");
    BOOST_TEST(queue->getValue<int>("max_concurrent_builds") == 5);
    BOOST_TEST(queue->getValue<int>("current_builds_count") == 0);
    BOOST_TEST(queue->isNull("current_build"));
    const auto system = document->getObject("system_info");
    BOOST_TEST(system->getObject("memory")->getValue<double>("total") > 0);
    BOOST_TEST(system->getObject("disk")->getValue<double>("total") > 0);
    BOOST_TEST(system->getObject("cpu")->getArray("load_average")->size() == 3u);
    const auto health = parseJson(http().get("/health").body);
    BOOST_TEST(statusOf(health) != "degraded");
    BOOST_TEST(http().get("/farm").status == 404);
    BOOST_TEST(http().get("/build/" + util::randomUuid() + "/status-api").body == R"({"detail":"Build not found"})");
}

BOOST_FIXTURE_TEST_CASE(the_buildroot_is_made_anew_when_asked_and_shown_meanwhile, ServerFixture)
{
    const auto gate = directory() / "gate";
    start({"--buildroot-autorecreate", "2", "--buildroot-command",
           "echo making it anew; while ! test -e " + gate.string() + "; do sleep 0.05; done"});
    const auto id = build(pkgbuild("rooted", kEmptyPackage));
    BOOST_TEST_REQUIRE(waitForLine(id, "making it anew"));
    const auto queue = root()->getObject("queue_status");
    BOOST_TEST(queue->getValue<bool>("server_busy_with_buildroot"));
    BOOST_TEST(queue->getValue<int>("buildroot_recreation_count") == 1);
    std::ofstream(gate) << "open";
    BOOST_TEST(statusOf(waitForEnd(id)) == "completed");
    const auto second = build(pkgbuild("rooted", kEmptyPackage));
    BOOST_TEST(statusOf(waitForEnd(second)) == "completed");
    BOOST_TEST(log(second).find("making it anew") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

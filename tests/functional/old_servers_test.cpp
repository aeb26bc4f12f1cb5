// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include "util/secrets.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// One server of that generation and its farm.
struct OldFarm {
    explicit OldFarm(int generation) : farm({{"x86_64", server.url()}})
    {
        server.setGeneration(generation);
        farm.start();
    }

    FakeBuildServer server;
    FarmProcess farm;
};

/// A package whose keys lie in a folder, as clients since 2025-10-14 send them; made by tar itself.
std::string tarballWithFolder(const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder / "keys/pgp");
    std::ofstream(folder / "PKGBUILD") << pkgbuild("keyed");
    std::ofstream(folder / "keys/pgp/A.asc") << "key";
    ChildProcess tar({"tar", "-czf", folder / "all.tar.gz", "-C", folder, "PKGBUILD", "keys"}, folder / "tar.log");
    if (tar.wait() != 0)
        throw std::runtime_error(tar.output());
    return readFile(folder / "all.tar.gz");
}

int requestsFor(const FakeBuildServer& server, const std::string& line)
{
    const auto requests = server.requests();
    return static_cast<int>(std::ranges::count_if(requests, [&](const auto& r) { return r.find(line) != r.npos; }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(OldServers)

BOOST_AUTO_TEST_CASE(every_generation_of_build_servers_builds)
{
    for (int generation = 1; generation <= 5; ++generation) {
        OldFarm old(generation);
        old.server.finishAtOnce(BuildStatus::Completed);
        const auto build = acceptedBuild(submit(old.farm.admin(), "hello"));
        BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "completed", "generation " << generation);
        BOOST_TEST(packagesOf(old.farm.guest(), build).size() == 1u);
        BOOST_TEST(old.server.acceptedCount()[build] == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_server_without_tarballs_gets_the_same_files_one_by_one)
{
    for (const int generation : {1, 2}) {
        OldFarm old(generation);
        old.server.finishAtOnce(BuildStatus::Completed);
        const std::string script = "#!/bin/sh\necho 'ünï'\n", text = pkgbuild("files");
        const auto source = package::writeTarball({{"PKGBUILD", text}, {"hello.sh", script}, {"fix+a_b@c.patch", std::string(70000, 'p')}});
        const auto build = acceptedBuild(submitTarball(old.farm.admin(), source));
        BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "completed");
        const auto sent = old.server.submissions();
        BOOST_TEST_REQUIRE(sent.size() == 2u);   // the tarball was refused
        const auto& taken = sent.back();
        std::map<std::string, std::pair<std::string, std::string>> parts;
        for (const auto& part : taken.parts)
            if (!part.filename.empty())
                parts[part.filename] = {part.name, part.content};
        BOOST_TEST(parts.size() == 3u);
        BOOST_TEST((parts["PKGBUILD"] == std::pair<std::string, std::string>{"pkgbuild", text}));
        BOOST_TEST((parts["hello.sh"] == std::pair<std::string, std::string>{"sources", script}));
        BOOST_TEST((parts["fix+a_b@c.patch"].second == std::string(70000, 'p')));
        BOOST_TEST(taken.timeout == "7200");
        BOOST_TEST(taken.build == build);
    }
}

BOOST_AUTO_TEST_CASE(the_form_that_a_server_takes_is_remembered)
{
    OldFarm old(2);
    old.server.finishAtOnce(BuildStatus::Completed);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(waitForEnd(old.farm.guest(), acceptedBuild(submit(old.farm.admin(), "hello")), 30s) == "completed");
    BOOST_TEST(old.server.submissions().size() == 4u);   // one tarball in all
    old.server.setGeneration(5);                         // the older form is still understood
    BOOST_TEST(waitForEnd(old.farm.guest(), acceptedBuild(submit(old.farm.admin(), "hello")), 30s) == "completed");
    BOOST_TEST(old.server.submissions().size() == 5u);
}

BOOST_AUTO_TEST_CASE(sources_with_folders_wait_for_a_server_that_takes_them)
{
    FakeBuildServer old("x86_64", 100), recent("x86_64", 100);
    old.setGeneration(1);
    for (auto* server : {&old, &recent})
        server->finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", old.url()}, {"x86_64", recent.url()}});
    farm.start();
    TempDir folder;
    const auto keyed = tarballWithFolder(folder.path());
    for (int i = 0; i < 4; ++i) {
        const auto build = acceptedBuild(submitTarball(farm.admin(), keyed));
        BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "completed");
        BOOST_TEST(recent.acceptedCount()[build] == 1);
    }
    BOOST_TEST(old.acceptedCount().empty());
}

BOOST_AUTO_TEST_CASE(sources_with_folders_that_no_server_takes_fail_with_a_sentence)
{
    OldFarm old(2);
    TempDir folder;
    const auto build = acceptedBuild(submitTarball(old.farm.admin(), tarballWithFolder(folder.path())));
    BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "failed");
    const auto answer = old.farm.guest().get("/build/" + build + "/status?format=json");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(member(answer, "reason") ==
               "The sources have folders ('keys'), which a build server that takes no tarballs cannot get");
    BOOST_TEST(old.server.acceptedCount().empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_was_replaced_by_a_newer_one_gets_tarballs_again)
{
    OldFarm old(1);
    old.server.finishAtOnce(BuildStatus::Completed);
    const auto first = acceptedBuild(submit(old.farm.admin(), "first"));
    BOOST_TEST(waitForEnd(old.farm.guest(), first, 30s) == "completed");
    old.server.setGeneration(5);
    TempDir folder;
    const auto keyed = tarballWithFolder(folder.path());
    const auto build = acceptedBuild(submitTarball(old.farm.admin(), keyed));
    BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "completed");
    BOOST_TEST(old.server.submissions().back().payloadDigest == util::sha256Hex(keyed));   // byte for byte
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_the_slow_answer_about_a_server)
{
    OldFarm old(3);
    old.server.setSlowInfo(700ms);
    const auto build = acceptedBuild(submit(old.farm.admin(), "watched"));
    BOOST_TEST_REQUIRE(old.server.waitForAccepted(build));
    for (int i = 0; i < 5; ++i)
        for (const std::string path : {"/farm", "/dashboard", "/builds/latest"}) {
            const auto asked = std::chrono::steady_clock::now();
            BOOST_TEST(old.farm.guest().get(path).status == 200);
            BOOST_TEST((std::chrono::steady_clock::now() - asked < 500ms), path);
        }
    old.server.finish(build, BuildStatus::Completed, {{"watched-1.0-1-x86_64.pkg.tar.zst", "p"}});
    BOOST_TEST(waitForEnd(old.farm.guest(), build, 60s) == "completed");
}

BOOST_AUTO_TEST_CASE(the_stream_that_blocks_a_server_is_never_opened)
{
    OldFarm old(3);
    const auto build = acceptedBuild(submit(old.farm.admin(), "watched"));
    BOOST_TEST_REQUIRE(old.server.waitForAccepted(build));
    old.server.appendLog(build, "a line of the build");
    EventStreamClient first(old.farm.guest(), "/build/" + build + "/stream");
    EventStreamClient second(old.farm.guest(), "/build/" + build + "/stream");
    old.server.finish(build, BuildStatus::Completed, {{"watched-1.0-1-x86_64.pkg.tar.zst", "p"}});
    for (auto* viewer : {&first, &second}) {
        std::string seen;
        for (auto event = viewer->next(); event; event = viewer->next())
            seen += event->type + ":" + event->data + "\n";
        BOOST_TEST(seen.find("output:a line of the build\n") != std::string::npos, seen);
        BOOST_TEST(seen.find("complete:{\"status\": \"completed\", \"exit_code\": 0}\n") != std::string::npos, seen);
    }
    BOOST_TEST(requestsFor(old.server, "/stream") == 0);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_does_not_hold_on_the_server_holds_on_the_farm)
{
    OldFarm old(3);
    old.server.setCancelIsALabel(true);
    const auto build = acceptedBuild(submit(old.farm.admin(), "stubborn"));
    BOOST_TEST_REQUIRE(old.server.waitForAccepted(build));
    BOOST_TEST(waitForStatus(old.farm.guest(), build, "building"));
    BOOST_TEST(json(old.farm.admin().post("/build/" + build + "/cancel"))->getValue<bool>("success"));
    BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "cancelled");
    old.server.finish(build, BuildStatus::Completed, {{"stubborn-1.0-1-x86_64.pkg.tar.zst", "p"}});
    const auto asked = requestsFor(old.server, "GET / ");
    old.server.waitForRequests("GET /", asked + 5);
    BOOST_TEST(statusOf(old.farm.guest(), build) == "cancelled");
    BOOST_TEST(packagesOf(old.farm.guest(), build).empty());
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_settled_yet_is_not_taken_for_the_end)
{
    OldFarm old(3);
    const auto build = acceptedBuild(submit(old.farm.admin(), "unsettled"));
    BOOST_TEST_REQUIRE(old.server.waitForAccepted(build));
    old.server.beginFinish(build, BuildStatus::Completed);
    const auto asked = requestsFor(old.server, "status-api");
    BOOST_TEST_REQUIRE(old.server.waitForRequests("status-api", asked + 2));
    old.server.finish(build, BuildStatus::Completed, {{"unsettled-1.0-1-x86_64.pkg.tar.zst", "p"}});
    BOOST_TEST(waitForEnd(old.farm.guest(), build, 30s) == "completed");
    BOOST_TEST(packagesOf(old.farm.guest(), build).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "real_server.h"

#include "util/secrets.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

/// Runs far longer than any test, with a process that can be recognised.
std::string endless(const std::string& name, const std::string& marker)
{
    return tarballOf(pkgbuild(name, "'x86_64'", "build() { echo started; bash -c 'sleep 3600; : " + marker +
                                                    "' & wait; }\npackage() { :; }\n"));
}

bool isRunning(const std::string& marker)
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored))
        if (readFile(entry.path() / "cmdline").find(marker) != std::string::npos)
            return true;
    return false;
}

HttpAnswer cancel(const HttpClient& client, const std::string& build)
{
    return client.post("/build/" + build + "/cancel");
}

/// A farm with one slot, which an endless build of the administrator holds.
struct BusyFarm {
    BusyFarm()
    {
        startWithUsers(farm);
        running = acceptedBuild(submitTarball(farm.admin(), endless("running", marker)));
        BOOST_TEST_REQUIRE(eventually([&] { return isRunning(marker); }), farm.log());
    }

    std::string marker = util::randomUuid();
    RealServer server{"x86_64", {"--max-concurrent", "1"}};
    FarmProcess farm{{{"x86_64", server.url()}}};
    std::string running;
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildCancel)

BOOST_FIXTURE_TEST_CASE(a_waiting_build_is_cancelled_without_ever_reaching_a_server, BusyFarm)
{
    const auto client = farm.admin();
    const auto waiting = acceptedBuild(submit(client, "waiting"));
    BOOST_TEST(statusOf(client, waiting) == "queued");
    const auto answer = cancel(client, waiting);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(json(answer)->getValue<bool>("success"));
    BOOST_TEST(statusOf(client, waiting) == "cancelled");

    // The next one is built, so the queue went past the cancelled one.
    const auto next = acceptedBuild(submit(client, "next"));
    cancel(client, running);
    BOOST_TEST_REQUIRE(waitForEnd(client, next) == "completed", farm.log());
    BOOST_TEST(server.statusOf(waiting) == "");
    BOOST_TEST(statusOf(client, waiting) == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(cancelling_a_running_build_ends_its_processes_and_frees_its_slot, BusyFarm)
{
    const auto client = farm.admin();
    BOOST_TEST_REQUIRE(waitForStatus(client, running, "building"));
    BOOST_TEST(json(cancel(client, running))->getValue<bool>("success"));
    BOOST_TEST(waitForStatus(client, running, "cancelled"));
    BOOST_TEST(eventually([&] { return !isRunning(marker); }));
    BOOST_TEST(server.statusOf(running) == "cancelled");
    BOOST_TEST(json(cancel(client, running))->getValue<bool>("success"));

    const auto next = acceptedBuild(submit(client, "next"));
    BOOST_TEST_REQUIRE(waitForEnd(client, next) == "completed", farm.log());
    BOOST_TEST(statusOf(client, running) == "cancelled");

    const auto late = cancel(client, next);
    BOOST_TEST(late.status == 200);
    BOOST_TEST(!json(late)->getValue<bool>("success"));
    BOOST_TEST(statusOf(client, next) == "completed");
}

BOOST_FIXTURE_TEST_CASE(only_the_owner_and_administrators_cancel_Z1, BusyFarm)
{
    const auto alice = farm.as("alice", "admin123");
    const auto bob = farm.as("bob", "admin123");
    const auto build = acceptedBuild(submit(alice, "of-alice"));
    const auto refused = cancel(bob, build);
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(member(refused, "error_type") == "insufficient_permissions");
    BOOST_TEST(cancel(bob, running).status == 403);
    BOOST_TEST(cancel(farm.guest(), build).status == 401);
    BOOST_TEST(cancel(alice, "00000000-0000-4000-8000-000000000000").status == 404);
    BOOST_TEST(statusOf(bob, build) == "queued");
    BOOST_TEST(statusOf(bob, running) == "building");

    BOOST_TEST(cancel(alice, build).status == 200);
    BOOST_TEST(statusOf(bob, build) == "cancelled");
    const auto another = acceptedBuild(submit(alice, "of-alice"));
    BOOST_TEST(cancel(farm.admin(), another).status == 200);
}

BOOST_FIXTURE_TEST_CASE(users_have_lists_and_rights_of_their_own, BusyFarm)
{
    const auto alice = farm.as("alice", "admin123");
    const auto bob = farm.as("bob", "admin123");
    const auto build = acceptedBuild(submit(alice, "of-alice"));
    const auto mine = [](const HttpClient& client) { return json(client.get("/my/builds"))->getArray("builds"); };
    BOOST_TEST_REQUIRE(mine(alice)->size() == 1u);
    BOOST_TEST(mine(alice)->getObject(0)->getValue<std::string>("id") == build);
    BOOST_TEST(mine(bob)->size() == 0u);
    BOOST_TEST(farm.guest().get("/my/builds").status == 401);
    BOOST_TEST(json(farm.guest().get("/builds/latest"))->getArray("builds")->size() == 2u);

    const auto guest = submit(farm.guest(), "of-nobody");
    BOOST_TEST(guest.status == 401);
    BOOST_TEST(member(guest, "error") == "Authentication required");
    BOOST_TEST(member(guest, "detail") ==
               "This endpoint requires authentication. Please provide a valid Bearer token.");
    const auto timeout = alice.multipart("/build", {{"build_timeout", "600"},
                                                    {"build_tarball", tarballOf(pkgbuild("slow")), "build.tar.gz"}});
    BOOST_TEST(timeout.status == 403);
    BOOST_TEST(json(farm.guest().get("/builds/latest"))->getArray("builds")->size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

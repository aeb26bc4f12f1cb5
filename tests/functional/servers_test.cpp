// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

#include <set>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// The state that `/farm` shows for each server, by architecture.
std::multimap<std::string, std::string> statesOf(const HttpClient& client)
{
    std::multimap<std::string, std::string> states;
    const auto servers = json(client.get("/farm"))->getArray("servers");
    for (unsigned i = 0; i < servers->size(); ++i) {
        const auto server = servers->getObject(i);
        states.emplace(server->getValue<std::string>("arch"), server->getValue<std::string>("status"));
    }
    return states;
}

bool allAre(const std::multimap<std::string, std::string>& states, const std::string& state)
{
    return std::ranges::all_of(states, [&](const auto& entry) { return entry.second == state; });
}

void waitUntilOnline(const FarmProcess& farm)
{
    BOOST_TEST_REQUIRE(eventually([&] { return allAre(statesOf(farm.guest()), "online"); }), farm.log());
}

/// Ends whatever runs there.
void finishRunning(FakeBuildServer& server)
{
    for (const auto& [build, count] : server.acceptedCount())
        if (server.statusOf(build) == BuildStatus::Building)
            server.finish(build, BuildStatus::Completed, {{"many-1.0-1-x86_64.pkg.tar.zst", "package of " + build}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(Servers)

BOOST_AUTO_TEST_CASE(a_silent_server_delays_nobody_elses_builds_L5)
{
    FakeBuildServer good("x86_64", 100), silent("aarch64", 100);
    FarmProcess farm({{"x86_64", good.url()}, {"aarch64", silent.url()}});
    farm.start();
    waitUntilOnline(farm);
    silent.misbehave({.fault = Fault::Silence});
    const auto client = farm.admin();
    acceptedBuild(submit(client, "hanging", "'aarch64'"));
    BOOST_TEST_REQUIRE(silent.waitForRequests("POST /build", 1));

    for (int i = 0; i < 10; ++i) {
        acceptedBuild(submit(client, "hanging", "'aarch64'"));
        const auto build = acceptedBuild(submit(client, "quick"));
        const auto answered = Clock::now();
        BOOST_TEST(good.waitForAccepted(build, 1s));
        BOOST_TEST((Clock::now() - answered < 1s));
    }
    const auto asked = Clock::now();
    BOOST_TEST(statesOf(farm.guest()).size() == 2u);
    BOOST_TEST((Clock::now() - asked < 1s));
}

BOOST_AUTO_TEST_CASE(a_silent_server_of_the_same_architecture_keeps_only_what_was_on_its_way_to_it)
{
    FakeBuildServer first("x86_64", 100), second("x86_64", 100);
    FarmProcess farm({{"x86_64", first.url()}, {"x86_64", second.url()}}, {{"server.submitTimeout", "2s"}});
    farm.start();
    waitUntilOnline(farm);
    first.misbehave({.fault = Fault::SilenceAfter, .path = "/build", .method = "POST", .times = 1});
    std::vector<std::string> builds;
    for (int i = 0; i < 10; ++i)
        builds.push_back(acceptedBuild(submit(farm.admin(), "shared")));
    first.finishAtOnce(BuildStatus::Completed);
    second.finishAtOnce(BuildStatus::Completed);
    for (const auto& build : builds) {
        BOOST_TEST(eventually([&] {
            return first.acceptedCount().contains(build) || second.acceptedCount().contains(build);
        }));
        for (auto* server : {&first, &second})
            if (server->statusOf(build) == BuildStatus::Building)
                server->finish(build, BuildStatus::Completed, {{"shared-1.0-1-x86_64.pkg.tar.zst", "content"}});
        BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "completed");
        BOOST_TEST(first.acceptedCount()[build] + second.acceptedCount()[build] == 1);
    }
}

BOOST_AUTO_TEST_CASE(no_server_gets_more_builds_than_it_has_slots_L4)
{
    FakeBuildServer first("x86_64", 2), second("x86_64", 3);
    FarmProcess farm({{"x86_64", first.url()}, {"x86_64", second.url()}});
    farm.start();
    std::set<std::string> open;
    for (int i = 0; i < 20; ++i)
        open.insert(acceptedBuild(submit(farm.admin(), "many")));
    const auto allSlotsAreTaken = [&] { return first.acceptedCount().size() + second.acceptedCount().size() == 5; };
    BOOST_TEST(eventually(allSlotsAreTaken));

    BOOST_TEST(eventually([&] {
        for (auto* server : {&first, &second}) {
            for (const auto& [build, count] : server->acceptedCount())
                BOOST_TEST((server->statusOf(build) != BuildStatus::Queued));
            finishRunning(*server);
        }
        std::erase_if(open, [&](const auto& build) { return statusOf(farm.guest(), build) == "completed"; });
        return open.empty();
    }));
    BOOST_TEST(first.peakBuilding() <= 2);
    BOOST_TEST(second.peakBuilding() <= 3);
    auto accepted = first.acceptedCount();
    accepted.merge(second.acceptedCount());
    BOOST_TEST(accepted.size() == 20u);
    BOOST_TEST(std::ranges::all_of(accepted, [](const auto& entry) { return entry.second == 1; }));
}

BOOST_AUTO_TEST_CASE(a_waiting_build_says_for_what_it_waits)
{
    FakeBuildServer server("x86_64", 1);
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto running = acceptedBuild(submit(farm.admin(), "running"));
    BOOST_TEST_REQUIRE(server.waitForAccepted(running));
    const auto waiting = acceptedBuild(submit(farm.admin(), "waiting"));
    const auto target = "/build/" + waiting + "/status-api";
    const auto reason = [&] { return member(farm.guest().get(target), "waiting_reason"); };
    BOOST_TEST(eventually([&] { return reason().find("full") != std::string::npos; }), reason());
    BOOST_TEST(member(farm.guest().get(target), "queue_position") == "1");
    BOOST_TEST(reason().find("127.0.0.1") == std::string::npos);

    server.goDown();
    BOOST_TEST(eventually([&] { return reason().find("does not answer") != std::string::npos; }), reason());
}

BOOST_AUTO_TEST_CASE(a_source_too_large_for_one_server_goes_to_another)
{
    FakeBuildServer small("x86_64", 100), large("x86_64", 100);
    const Misbehaviour tooLarge{.fault = Fault::Answer, .path = "/build", .method = "POST", .status = 413,
                                .body = R"({"detail":{"error":"File too large","detail":"Tarball exceeds 1 bytes"}})"};
    small.misbehave(tooLarge);
    large.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", small.url()}, {"x86_64", large.url()}});
    farm.start();
    waitUntilOnline(farm);
    for (int i = 0; i < 4; ++i) {
        const auto build = acceptedBuild(submit(farm.admin(), "large"));
        BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "completed");
        BOOST_TEST(large.acceptedCount()[build] == 1);
    }
    BOOST_TEST(small.acceptedCount().empty());

    large.misbehave(tooLarge);
    const auto hopeless = acceptedBuild(submit(farm.admin(), "larger"));
    BOOST_TEST(waitForEnd(farm.guest(), hopeless, 30s) == "failed");
    const auto reason = member(farm.guest().get("/build/" + hopeless + "/status-api"), "reason");
    BOOST_TEST(reason.find("larger than") != std::string::npos, reason);
}

BOOST_AUTO_TEST_CASE(nothing_is_queued_for_servers_that_are_away_until_one_is_back)
{
    FakeBuildServer there("x86_64"), away("aarch64");
    FarmProcess farm({{"x86_64", there.url()}, {"aarch64", away.url()}});
    away.goDown();
    farm.start();
    const auto client = farm.admin();
    const auto available = [&] { return json(farm.guest().get("/farm"))->getArray("available_architectures")->size(); };
    BOOST_TEST_REQUIRE(eventually([&] { return available() == 1; }), farm.log());

    const auto refused = submit(client, "stranded", "'aarch64'");
    BOOST_TEST(refused.status == 503);
    const auto body = json(refused);
    BOOST_TEST(body->getValue<std::string>("error") == "No builds queued");
    BOOST_TEST(body->getValue<std::string>("message") == "No servers available for any of the target architectures");
    BOOST_TEST(body->getValue<std::string>("pkgname") == "stranded");
    BOOST_TEST(body->getValue<std::string>("error_type") == "no_builds_queued");
    BOOST_TEST(!body->getValue<std::string>("detail").empty());
    const auto first = [&](const char* list) { return body->getArray(list)->getElement<std::string>(0); };
    BOOST_TEST(first("target_architectures") == "aarch64");
    BOOST_TEST(first("pkgbuild_architectures") == "aarch64");
    BOOST_TEST(first("available_architectures") == "x86_64");

    const auto half = submit(client, "half", "'x86_64' 'aarch64'");
    BOOST_TEST(half.status == 200);
    BOOST_TEST(json(half)->getArray("builds")->size() == 1u);
    BOOST_TEST(json(half)->getArray("skipped_architectures")->getElement<std::string>(0) == "aarch64");

    away.comeUp();
    BOOST_TEST_REQUIRE(eventually([&] { return available() == 2; }), farm.log());
    BOOST_TEST(away.waitForAccepted(acceptedBuild(submit(client, "back", "'aarch64'"))));
}

BOOST_AUTO_TEST_CASE(a_build_queued_during_an_outage_is_built_when_the_server_is_back)
{
    FakeBuildServer server;
    server.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", server.url()}}, {{"queue.holdOfflineArchitectures", "true"}});
    farm.start();
    server.goDown();
    BOOST_TEST_REQUIRE(eventually([&] { return allAre(statesOf(farm.guest()), "offline"); }), farm.log());
    const auto build = acceptedBuild(submit(farm.admin(), "held"));
    BOOST_TEST(statusOf(farm.guest(), build) == "queued");
    server.comeUp();
    BOOST_TEST(waitForEnd(farm.guest(), build, 30s) == "completed");
    BOOST_TEST(server.acceptedCount()[build] == 1);
}

BOOST_AUTO_TEST_CASE(a_server_of_another_architecture_stays_listed_and_gets_nothing_V6)
{
    FakeBuildServer right("x86_64"), wrong("aarch64");
    right.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", right.url()}, {"x86_64", wrong.url()}});
    farm.start();
    const auto expected = std::multimap<std::string, std::string>{{"aarch64", "misconfigured"}, {"x86_64", "online"}};
    BOOST_TEST_REQUIRE(eventually([&] { return statesOf(farm.guest()) == expected; }), farm.guest().get("/farm").body);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(waitForEnd(farm.guest(), acceptedBuild(submit(farm.admin(), "placed")), 30s) == "completed");
    BOOST_TEST(submit(farm.admin(), "stranded", "'aarch64'").status == 503);
    BOOST_TEST(wrong.acceptedCount().empty());
    const auto told = farm.admin().get("/farm").body;
    BOOST_TEST(told.find("configured for x86_64 but builds for aarch64") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(everybody_sees_the_documented_figures_of_a_server)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto info = [&] { return json(farm.guest().get("/farm"))->getArray("servers")->getObject(0)->getObject("info"); };
    BOOST_TEST_REQUIRE(eventually([&] { return !info().isNull(); }));
    const auto seen = info();
    BOOST_TEST(seen->getValue<std::string>("supported_architecture") == "x86_64");
    const auto system = seen->getObject("system_info");
    BOOST_TEST(system->getObject("cpu")->getValue<int>("cores") > 0);
    BOOST_TEST(system->getObject("cpu")->has("usage_percent"));
    BOOST_TEST(system->getObject("memory")->getValue<double>("total") > 0);
    BOOST_TEST(system->getValue<std::string>("uptime").find("minutes") != std::string::npos);
    BOOST_TEST(seen->getObject("queue_status")->getValue<int>("buildroot_recreation_count") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
// Build servers that want a secret (V7): real ones, and fake ones as witnesses of what the farm sends to whom.
#include "functional/farm_commands.h"
#include "support/fake_build_server.h"
#include "support/secret_file.h"
#include "real_server.h"

#include <algorithm>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

const std::string kSecret = "CANARY-the-first-secret";
const std::string kNext = "CANARY-the-second-secret";
constexpr int kExitConfig = 78;

std::string pair(const std::string& url, const std::string& secret)
{
    return "\"" + url + "\": \"" + secret + "\"";
}

/// Where both sides keep what they share.
struct Secrets {
    std::string onServer(const std::string& lines) { return writeSecretFile(folder / "server", lines); }
    std::string onFarm(const std::string& pairs) { return writeSecretFile(folder / "farm.json", "{" + pairs + "}"); }

    TempDir folder;
};

/// A farm and a real build server that wants a secret.
struct GuardedFarm : Secrets {
    GuardedFarm()
    {
        farm.setProperty("server.secretsFile", onFarm(pair(server.url(), kSecret)));
        // What is submitted while the server refuses the farm waits for it.
        farm.setProperty("queue.holdOfflineArchitectures", "true");
    }
    Poco::JSON::Object::Ptr shownServer()
    {
        return json(farm.admin().get("/farm"))->getArray("servers")->getObject(0);
    }
    bool becomes(const std::string& state)
    {
        return eventually([&] { return shownServer()->getValue<std::string>("status") == state; });
    }

    RealServer server{"x86_64", {"--secret-file", onServer(kSecret + "\n")}};
    FarmProcess farm{{{"x86_64", server.url()}}};
};

/// The same with fakes, which want nothing and remember all.
struct WitnessedFarm : Secrets {
    WitnessedFarm() { farm.setProperty("server.secretsFile", onFarm(pair(trusted.url(), kSecret))); }

    FakeBuildServer trusted{"x86_64"}, other{"aarch64"};
    FarmProcess farm{{{"x86_64", trusted.url()}, {"aarch64", other.url()}}};
};

bool carries(const FakeRequest& request, const std::string& secret)
{
    const auto found = request.headers.find("authorization");
    return found != request.headers.end() && found->second == "Bearer " + secret;
}

bool holdsAnySecret(const FakeRequest& request)
{
    return request.headers.contains("authorization") || has(request.target, "CANARY") || has(request.body, "CANARY");
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerSecret)

BOOST_FIXTURE_TEST_CASE(a_build_goes_through_a_server_that_wants_a_secret_V7, GuardedFarm)
{
    farm.start();
    const auto client = farm.admin();
    const auto build = acceptedBuild(submit(client, "guarded"));
    BOOST_TEST_REQUIRE(waitForEnd(client, build) == "completed", farm.log());
    BOOST_TEST(has(client.get("/build/" + build + "/output").body, "guarded"));
    const auto packages = packagesOf(client, build);
    BOOST_TEST_REQUIRE(packages.size() == 1u);
    BOOST_TEST(client.get("/build/" + build + "/download/" + packages[0]).status == 200);
    BOOST_TEST(runCommand(farm, {"doctor"}).output.find("ok  build servers: all 1 answer") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_secret_is_a_misconfigured_server_with_its_reason_and_nothing_is_lost_V7, GuardedFarm)
{
    onFarm(pair(server.url(), kNext));
    farm.start();
    const auto client = farm.admin();
    BOOST_TEST_REQUIRE(becomes("misconfigured"), farm.log());
    const auto reason = shownServer()->getValue<std::string>("reason");
    BOOST_TEST(has(reason, "HTTP 401"), reason);
    BOOST_TEST(has(reason, "secret for it, of server.secretsFile, is not the server's"), reason);
    const auto build = acceptedBuild(submit(client, "patient"));
    BOOST_TEST(statusOf(client, build) == "queued");
    onFarm("");
    BOOST_TEST_REQUIRE(eventually([&] {
        return has(shownServer()->getValue<std::string>("reason"), "no secret for it, see server.secretsFile");
    }));
    onFarm(pair(server.url(), kSecret));
    BOOST_TEST(waitForEnd(client, build) == "completed", farm.log());
    BOOST_TEST(becomes("online"));
    BOOST_TEST(!has(farm.log(), "CANARY"));
    BOOST_TEST(!has(server.program().output(), "CANARY"));
}

BOOST_FIXTURE_TEST_CASE(a_running_build_outlives_that_farm_and_server_disagree_for_a_while_V7, GuardedFarm)
{
    farm.start();
    const auto client = farm.admin();
    const auto build = acceptedBuild(submitTarball(client, tarballOf(pkgbuild(
        "long", "'x86_64'", "build() { sleep 3; }\npackage() { mkdir -p \"$pkgdir/usr\"; }\n"))));
    BOOST_TEST_REQUIRE(waitForStatus(client, build, "building"), farm.log());
    onServer(kNext + "\n");
    BOOST_TEST_REQUIRE(becomes("misconfigured"));
    BOOST_TEST(!isFinal(statusOf(client, build)));
    onFarm(pair(server.url(), kNext));
    BOOST_TEST(waitForEnd(client, build) == "completed", farm.log());
}

BOOST_FIXTURE_TEST_CASE(a_secret_is_exchanged_without_a_restart_and_without_a_refusal_V7, GuardedFarm)
{
    farm.start();
    const auto client = farm.admin();
    BOOST_TEST_REQUIRE(becomes("online"));
    onServer(kSecret + "\n" + kNext + "\n");
    const auto first = acceptedBuild(submit(client, "first"));
    onFarm(pair(server.url(), kNext));
    const auto second = acceptedBuild(submit(client, "second"));
    BOOST_TEST(waitForEnd(client, first) == "completed", farm.log());
    BOOST_TEST(waitForEnd(client, second) == "completed", farm.log());
    onServer(kNext + "\n");
    BOOST_TEST(waitForEnd(client, acceptedBuild(submit(client, "third"))) == "completed", farm.log());
    BOOST_TEST(!has(farm.log(), "401"));
    BOOST_TEST(has(farm.log(), "The secrets of build servers were read again"));
}

BOOST_FIXTURE_TEST_CASE(a_reload_with_a_file_of_secrets_that_others_can_read_changes_nothing_O1_O2, GuardedFarm)
{
    farm.start();
    BOOST_TEST_REQUIRE(becomes("online"));
    const auto file = onFarm(pair(server.url(), kNext));
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    farm.setServers({{"x86_64", server.url()}, {"aarch64", "http://127.0.0.1:9"}});
    farm.reload();
    BOOST_TEST_REQUIRE(eventually([&] { return has(farm.log(), "The configuration was not reloaded, nothing has changed"); }));
    BOOST_TEST(has(farm.log(), "chmod 0600 " + file));
    BOOST_TEST(json(farm.admin().get("/farm"))->getArray("servers")->size() == 1u);
    const auto client = farm.admin();
    BOOST_TEST(waitForEnd(client, acceptedBuild(submit(client, "same"))) == "completed", farm.log());
}

BOOST_FIXTURE_TEST_CASE(every_request_to_its_server_carries_the_secret_and_none_to_another_V7, WitnessedFarm)
{
    farm.setProperty("discovery.interval", "200ms");
    farm.start();
    const auto client = farm.admin();
    const auto built = acceptedBuild(submit(client, "built"));
    const auto cancelled = acceptedBuild(submit(client, "cancelled"));
    acceptedBuild(submit(client, "elsewhere", "'aarch64'"));
    BOOST_TEST_REQUIRE(trusted.waitForAccepted(built));
    BOOST_TEST_REQUIRE(trusted.waitForAccepted(cancelled));
    trusted.appendLog(built, "a line");
    BOOST_TEST_REQUIRE(client.post("/build/" + cancelled + "/cancel").status == 200);
    trusted.finish(built, BuildStatus::Completed, {{"built-1.0-1-x86_64.pkg.tar.zst", "bytes"}});
    BOOST_TEST(waitForEnd(client, built) == "completed");
    for (const auto* part : {"GET /", "POST /build", "/status-api", "/output", "/download/", "/cancel", "/builds/latest"})
        BOOST_TEST(trusted.waitForRequests(part, 1), part);
    BOOST_TEST(other.waitForRequests("POST /build", 1));
    for (const auto& request : trusted.requestsWithHeaders())
        BOOST_TEST(carries(request, kSecret), request.method << ' ' << request.target);
    for (const auto& request : other.requestsWithHeaders())
        BOOST_TEST(!holdsAnySecret(request), request.method << ' ' << request.target);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_sends_the_farm_elsewhere_does_not_send_the_secret_there_V1_V7, WitnessedFarm)
{
    FakeBuildServer thief("x86_64");
    trusted.misbehave({.fault = Fault::Answer, .status = 307, .body = "{}", .headers = {{"location", thief.url() + "/"}}});
    farm.start();
    BOOST_TEST_REQUIRE(trusted.waitForRequests("GET /", 5));
    BOOST_TEST(thief.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(a_farm_without_secrets_asks_as_it_always_did_V7, WitnessedFarm)
{
    farm.setProperty("server.secretsFile", "");
    farm.start();
    BOOST_TEST_REQUIRE(trusted.waitForRequests("GET /", 2));
    for (const auto& request : trusted.requestsWithHeaders())
        BOOST_TEST(!holdsAnySecret(request), request.target);
}

BOOST_FIXTURE_TEST_CASE(the_check_of_the_configuration_tells_of_urls_that_are_no_servers_and_shows_no_secret_V7, WitnessedFarm)
{
    const auto check = [&] {
        farm.writeProperties();
        const auto said = runCommand(farm, {"--check-config"});
        BOOST_TEST(!has(said.output, "CANARY"), said.output);
        return said;
    };
    const auto fine = check();
    BOOST_TEST(fine.code == 0, fine.output);
    BOOST_TEST(!has(fine.output, "is not a build server"), fine.output);
    onFarm(pair(trusted.url() + "/", kSecret) + ", " + pair(other.url() + "/x", kNext));
    const auto unknown = check();
    BOOST_TEST(unknown.code == 0, unknown.output);
    BOOST_TEST(has(unknown.output, other.url() + "/x is not a build server of"), unknown.output);
    BOOST_TEST(has(unknown.output, "did you mean " + other.url() + "?"), unknown.output);
}

BOOST_FIXTURE_TEST_CASE(a_file_of_secrets_that_is_wrong_stops_the_start_and_shows_none_O1_O2, WitnessedFarm)
{
    const auto refused = [&](const std::string& part) {
        farm.writeProperties();
        const auto said = runCommand(farm, {"--check-config"});
        BOOST_TEST(said.code == kExitConfig, said.output);
        BOOST_TEST(has(said.output, "farm.properties:"), said.output);
        BOOST_TEST(has(said.output, part), "'" << part << "' is not in: " << said.output);
        BOOST_TEST(!has(said.output, "CANARY"), said.output);
    };
    const auto file = onFarm(pair(trusted.url(), kSecret));
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    refused("chmod 0600 " + file);
    onFarm(pair(trusted.url(), "CANARY"));
    refused("no usable secret for " + trusted.url() + ": it is shorter than 16 characters");
    onFarm(pair(kSecret, trusted.url()));
    refused("does not begin with the URL of a server");
    onFarm(pair(trusted.url(), kSecret) + ", " + pair(trusted.url() + "/", kNext));
    refused("twice");
    onFarm(pair(trusted.url(), kSecret) + ",");
    refused("is not a JSON object");
    std::filesystem::remove(file);
    refused("cannot be read");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

constexpr int kKills = 100;

/// Submits and cancels without pause from a thread of its own and remembers what was acknowledged.
class Maintainer {
public:
    Maintainer(FarmProcess& farm, std::string token, unsigned seed)
        : farm_(farm), token_(std::move(token)), random_(seed), thread_([this] { work(); })
    {
    }
    ~Maintainer() { stop(); }

    void stop()
    {
        stopping_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    std::set<std::string> accepted() const { return accepted_; }
    std::set<std::string> cancelled() const { return cancelled_; }

private:
    /// Unbounded, a fast machine would only collect builds that nobody has time to finish.
    static constexpr int kPause = 30;   // ms

    void work()
    {
        for (int number = 0; !stopping_; ++number) {
            ::poll(nullptr, 0, kPause);
            try {
                HttpClient client(farm_.port(), 5s);
                client.always("Authorization", "Bearer " + token_);
                const auto name = "pkg" + std::to_string(number);
                const auto answer = submit(client, name, number % 3 == 0 ? "'x86_64' 'aarch64'" : "'x86_64'");
                if (answer.status != 200)
                    continue;
                std::string last;
                const auto builds = json(answer)->getArray("builds");
                for (std::size_t i = 0; i < builds->size(); ++i)
                    accepted_.insert(last = builds->getObject(static_cast<unsigned>(i))->getValue<std::string>("build_id"));
                if (random_() % 5 == 0 && member(client.post("/build/" + last + "/cancel"), "success") == "true")
                    cancelled_.insert(last);
            } catch (const std::exception&) {
                // The farm was killed meanwhile: what had no answer was not acknowledged.
            }
        }
    }

    FarmProcess& farm_;
    std::string token_;
    std::mt19937 random_;
    std::atomic<bool> stopping_{false};
    std::set<std::string> accepted_, cancelled_;
    std::thread thread_;
};

/// Ends what runs on a witness, sooner or later.
class Finisher {
public:
    explicit Finisher(std::vector<FakeBuildServer*> servers) : servers_(std::move(servers)), thread_([this] { work(); }) {}
    ~Finisher()
    {
        stopping_ = true;
        thread_.join();
    }

private:
    void work()
    {
        while (!stopping_) {
            for (auto* server : servers_)
                for (const auto& [build, count] : server->acceptedCount())
                    if (server->statusOf(build) == BuildStatus::Building) {
                        server->appendLog(build, "a line");
                        server->finish(build, BuildStatus::Completed, {{"pkg-1.0-1-x86_64.pkg.tar.zst", "package of " + build}});
                    }
            ::poll(nullptr, 0, 20);
        }
    }

    std::vector<FakeBuildServer*> servers_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

std::string sqlite(const FarmProcess& farm, const std::string& sql)
{
    ChildProcess shell({"sqlite3", (farm.stateDirectory() / "farm.db").string(), sql}, farm.folder() / "sqlite.out");
    shell.wait();
    auto text = shell.output();
    std::filesystem::remove(farm.folder() / "sqlite.out");
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Crash)

// D1 D2 D3 D4 D5 D7 L1 L3 L7: kill -9 between any two steps of submissions and builds.
BOOST_AUTO_TEST_CASE(D3_D4_whatever_was_acknowledged_reaches_one_final_state_and_is_built_once)
{
    const auto seed = static_cast<unsigned>(std::random_device{}());
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    FakeBuildServer one("x86_64", 4), two("x86_64", 2), arm("aarch64", 3);
    FarmProcess farm({{"x86_64", one.url()}, {"x86_64", two.url()}, {"aarch64", arm.url()}});
    farm.start();
    const auto token = farm.tokenOf("admin", "admin123");

    std::set<std::string> accepted, cancelled;
    {
        Finisher finisher({&one, &two, &arm});
        Maintainer alice(farm, token, seed), bob(farm, token, seed + 1);
        for (int kill = 0; kill < kKills; ++kill) {
            // The moment of the kill is the input of this test.
            ::poll(nullptr, 0, static_cast<int>(random() % 250));
            farm.kill();
            farm.start();
        }
        for (auto* maintainer : {&alice, &bob}) {
            maintainer->stop();
            accepted.merge(maintainer->accepted());
            cancelled.merge(maintainer->cancelled());
        }
        BOOST_TEST_MESSAGE(accepted.size() << " acknowledged, " << cancelled.size() << " cancelled");
        BOOST_TEST(accepted.size() > static_cast<std::size_t>(kKills));

        auto client = farm.admin();
        for (const auto& build : accepted)
            BOOST_TEST(eventually([&] { return isFinal(test::statusOf(client, build)); }, 60s),
                       build << " stays " << test::statusOf(client, build) << ", seed " << seed);
        for (const auto& build : accepted) {
            const auto status = test::statusOf(client, build);
            const bool wasCancelled = cancelled.contains(build);
            BOOST_TEST((wasCancelled ? status == "cancelled" : status == "completed" || status == "cancelled"),
                       build << " is " << status << (wasCancelled ? " but its cancel was acknowledged" : "") << ", seed " << seed);
        }
    }
    for (auto* server : {&one, &two, &arm})
        for (const auto& [build, count] : server->acceptedCount()) {
            BOOST_TEST(count == 1, build << " was accepted " << count << " times, seed " << seed);
            for (auto* other : {&one, &two, &arm})
                BOOST_TEST((other == server || !other->acceptedCount().contains(build)), build << " was built twice");
        }
    BOOST_TEST(farm.stop() == 0);
    BOOST_TEST(sqlite(farm, "PRAGMA integrity_check; PRAGMA foreign_key_check;") == "ok\n");
    BOOST_TEST(sqlite(farm, "SELECT count(*) FROM builds WHERE state NOT IN ('completed','failed','cancelled');") == "0\n");
    // Nothing that was not acknowledged may have only half arrived (D2).
    BOOST_TEST(sqlite(farm, "SELECT count(*) FROM builds b WHERE (SELECT count(*) FROM builds c WHERE c.submission_group ="
                            " b.submission_group) <> json_array_length(b.pkgbuild_arches);") == "0\n");
}

BOOST_AUTO_TEST_CASE(D7_every_package_of_a_completed_build_is_whole_after_a_kill)
{
    FakeBuildServer server("x86_64", 3);
    server.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    auto client = farm.admin();
    std::vector<std::string> builds;
    for (int i = 0; i < 10; ++i) {
        builds.push_back(member(submit(client, "pkg" + std::to_string(i)), "build_id"));
        farm.kill();
        farm.start();
        client = farm.admin();
    }
    for (const auto& build : builds) {
        BOOST_REQUIRE(eventually([&] { return test::statusOf(client, build) == "completed"; }));
        const auto packages = json(client.get("/build/" + build + "/status-api"))->getArray("packages");
        BOOST_REQUIRE(packages->size() == 1u);
        const auto package = packages->getObject(0);
        const auto file = client.get(package->getValue<std::string>("download_url"));
        BOOST_TEST(file.status == 200);
        BOOST_TEST(file.body.size() == package->getValue<Poco::UInt64>("size"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#pragma once

#include "functional/existing_farm.h"
#include "functional/real_server.h"
#include "support/fake_build_server.h"

#include <Poco/JSON/Array.h>

#include <boost/test/unit_test.hpp>

namespace apbfarm::test {

inline bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// An existing farm's home and the new farm that is to run on it.
struct TakeOver {
    TakeOver() : farm({{"x86_64", server.url()}})
    {
        farm.setProperty("database.path", existing.database().string());
        farm.setProperty("cache.directory", existing.cache().string());
        farm.writeProperties();
    }

    HttpClient withOldToken() const
    {
        HttpClient client(farm.port());
        client.always("Authorization", std::string("Bearer ") + ExistingFarm::kToken);
        return client;
    }
    std::string database() const { return existing.database().string(); }

    TempDir home;
    ExistingFarm existing{home.path()};
    FakeBuildServer server;
    FarmProcess farm;
};

inline void checkAccounts(TakeOver& over)
{
    BOOST_TEST(member(over.withOldToken().get("/auth/me"), "username") == "alice");
    BOOST_TEST(!over.farm.tokenOf("admin", "admin123").empty());
    BOOST_TEST(!over.farm.tokenOf("alice", ExistingFarm::kAlicesPassword).empty());
    const auto wrong = over.farm.guest().postJson("/auth/login", R"({"username":"alice","password":"admin123"})");
    BOOST_TEST(wrong.status == 401);
}

inline void checkStatuses(const TakeOver& over)
{
    const auto client = over.farm.guest();
    BOOST_TEST(statusOf(client, ExistingFarm::kCompleted) == "completed");
    BOOST_TEST(statusOf(client, ExistingFarm::kFailed) == "failed");
    BOOST_TEST(statusOf(client, ExistingFarm::kDead) == "failed");
    BOOST_TEST(statusOf(client, ExistingFarm::kCancelled) == "cancelled");
    const auto failed = json(client.get("/build/" + std::string(ExistingFarm::kFailed) + "/status-api"));
    BOOST_TEST(failed->getValue<double>("start_time") == 1795294192.171154, boost::test_tools::tolerance(1e-9));
}

inline void checkHistory(const TakeOver& over)
{
    checkStatuses(over);
    for (const auto* list : {"/builds/latest", "/my/builds"})
        BOOST_TEST(json(over.withOldToken().get(list))->getArray("builds")->size() == 4u);
}

inline void checkWorks(TakeOver& over)
{
    const auto build = acceptedBuild(submit(over.withOldToken(), "new-after-the-take-over"));
    BOOST_TEST_REQUIRE(over.server.waitForAccepted(build));
    over.server.finish(build, BuildStatus::Completed);
    BOOST_TEST(waitForStatus(over.farm.guest(), build, "completed"));
}

} // namespace apbfarm::test

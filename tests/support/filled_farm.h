// SPDX-License-Identifier: MIT
#pragma once

#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

namespace apbfarm::test {

/// A running farm that has something of everything in its state: a finished build with its log and its package, one
/// that occupies the only slot of its server, and one that waits with an upload too large to lie in the database.
struct FilledFarm {
    explicit FilledFarm(std::map<std::string, std::string> properties = {}) : farm({{"x86_64", server.url()}}, std::move(properties))
    {
        farm.start();
        const auto client = farm.admin();
        finished = member(submit(client, "finished"), "build_id");
        BOOST_TEST_REQUIRE(server.waitForAccepted(finished));
        server.appendLog(finished, "a line of the log");
        server.finish(finished, BuildStatus::Completed,
                      {{"finished-1.0-1-x86_64.pkg.tar.zst", "the bytes of a package"}});
        BOOST_TEST_REQUIRE(eventually([&] { return test::statusOf(client, finished) == "completed"; }));
        BOOST_TEST_REQUIRE(server.waitForAccepted(member(submit(client, "occupant"), "build_id")));
        std::string filling;
        for (unsigned i = 0, random = 1; i < 400'000; ++i)   // of the C standard's rand(): hardly to be compressed
            filling += static_cast<char>('!' + (random = random * 1103515245 + 12345) / 65536 % 90);
        waiting = member(
            submitTarball(client, package::writeTarball({{"PKGBUILD", pkgbuild("waiting")}, {"filling", filling}})),
            "build_id");
        BOOST_TEST_REQUIRE(!waiting.empty());
    }

    FakeBuildServer server{"x86_64", 1};
    FarmProcess farm;
    std::string finished, waiting;
};

} // namespace apbfarm::test

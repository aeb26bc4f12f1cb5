// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/live/book.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"

#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace apbfarm::proofs {

/// What a server makes of a build: follows from the seed and the name of the package.
struct Plan {
    BuildStatus verdict = BuildStatus::Completed;
    std::size_t lines = 0;           ///< of the log, before the last one
    std::string package;             ///< content
};
Plan planOf(std::uint64_t seed, const std::string& pkgname, std::size_t largestPackage);

/// Scripted build servers that work through what they are given and keep count of it.
class Witnesses {
public:
    struct Machine {
        std::string architecture;
        int slots;
    };

    /// They begin at once. `pace`: between two lines of a log.
    Witnesses(const std::vector<Machine>& machines, std::uint64_t seed, std::chrono::milliseconds pace,
              std::size_t largestPackage = 300'000);
    ~Witnesses();

    /// For apb.json.
    test::FarmProcess::Servers addresses() const;
    std::deque<test::FakeBuildServer>& servers() { return servers_; }
    const std::deque<test::FakeBuildServer>& servers() const { return servers_; }
    Plan planOf(const std::string& pkgname) const { return proofs::planOf(seed_, pkgname, largestPackage_); }
    /// As the server has it; empty when no server knows the build.
    std::vector<std::string> logOf(const BuildId& build) const;
    /// Nobody will ask about it any more.
    void forget(const BuildId& build);
    /// Complains about every build that was accepted twice, by one server or by two. \return all that was accepted
    std::size_t checkBuiltOnce(const Complain& complain) const;

private:
    void work();
    void goOn(test::FakeBuildServer& server, const std::string& architecture, const test::FakeBuildServer::Running& build);

    std::uint64_t seed_;
    std::chrono::milliseconds pace_;
    std::size_t largestPackage_;
    std::vector<Machine> machines_;
    std::deque<test::FakeBuildServer> servers_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}

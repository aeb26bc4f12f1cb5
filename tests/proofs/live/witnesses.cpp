// SPDX-License-Identifier: MIT
#include "proofs/live/witnesses.h"

#include "support/noise.h"

#include <random>
#include <stdexcept>

namespace apbfarm::proofs {

namespace {

/// The same everywhere, unlike std::hash.
std::uint64_t mixed(std::uint64_t seed, const std::string& text)
{
    for (const unsigned char c : text)
        seed = (seed ^ c) * 0x100000001b3u;
    return seed;
}

}

Plan planOf(std::uint64_t seed, const std::string& pkgname, std::size_t largestPackage)
{
    std::mt19937_64 random(mixed(seed, pkgname));
    Plan plan;
    plan.verdict = random() % 6 == 0 ? BuildStatus::Failed : BuildStatus::Completed;
    plan.lines = random() % 12;
    plan.package = test::noise(1 + random() % largestPackage, random);
    return plan;
}

Witnesses::Witnesses(const std::vector<Machine>& machines, std::uint64_t seed, std::chrono::milliseconds pace,
                     std::size_t largestPackage)
    : seed_(seed), pace_(pace), largestPackage_(largestPackage), machines_(machines)
{
    for (const auto& machine : machines)
        servers_.emplace_back(machine.architecture, machine.slots).onlyCount();
    thread_ = std::thread([this] { work(); });
}

Witnesses::~Witnesses()
{
    stopping_ = true;
    thread_.join();
}

test::FarmProcess::Servers Witnesses::addresses() const
{
    test::FarmProcess::Servers list;
    for (std::size_t i = 0; i < servers_.size(); ++i)
        list.emplace_back(machines_[i].architecture, servers_[i].url());
    return list;
}

void Witnesses::work()
{
    while (!stopping_) {
        for (std::size_t i = 0; i < servers_.size(); ++i)
            for (const auto& build : servers_[i].running())
                try {
                    goOn(servers_[i], machines_[i].architecture, build);
                } catch (const std::out_of_range&) {
                    // It was cancelled, and forgotten, meanwhile.
                }
        ::poll(nullptr, 0, static_cast<int>(pace_.count()));
    }
}

void Witnesses::goOn(test::FakeBuildServer& server, const std::string& architecture,
                     const test::FakeBuildServer::Running& build)
{
    const auto plan = planOf(build.pkgname);
    if (build.lines <= plan.lines)
        return server.appendLog(build.build, "line " + std::to_string(build.lines) + " of " + build.build);
    std::vector<test::FakeFile> packages;
    if (plan.verdict == BuildStatus::Completed)
        packages.push_back({build.pkgname + "-1.0-1-" + architecture + ".pkg.tar.zst", plan.package});
    server.finish(build.build, plan.verdict, std::move(packages));
}

std::vector<std::string> Witnesses::logOf(const BuildId& build) const
{
    for (const auto& server : servers_)
        if (auto log = server.logOf(build); !log.empty())
            return log;
    return {};
}

void Witnesses::forget(const BuildId& build)
{
    for (auto& server : servers_)
        server.forget(build);
}

std::size_t Witnesses::checkBuiltOnce(const Complain& complain) const
{
    std::map<BuildId, int> counts;
    for (const auto& server : servers_)
        for (const auto& [build, count] : server.acceptedCount())
            counts[build] += count;
    for (const auto& [build, count] : counts)
        if (count != 1)
            complain("build " + build + " was accepted by servers " + std::to_string(count) + " times");
    return counts.size();
}

}

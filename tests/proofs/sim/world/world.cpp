// SPDX-License-Identifier: MIT
#include "proofs/sim/world/world.h"

#include <cstdio>

namespace apbfarm::sim {

namespace {

thread_local World* worldOfThread = nullptr;

} // namespace

World::World(const simulation::Case& theCase, simulation::Coverage& counts, std::uint64_t preemptions)
    : engine(theCase.seed, preemptions), random(engine.random()), which(theCase), coverage(counts)
{
    worldOfThread = this;
}

World* World::current()
{
    return worldOfThread;
}

Server& World::server(const ServerId& id)
{
    for (auto& server : servers)
        if (server.id == id)
            return server;
    throw std::logic_error("there is no server " + id);
}

bool World::expect(bool good, const std::string& what)
{
    if (!good && broken.empty()) {
        broken = what;
        trace("BROKEN ", what);
    }
    return good;
}

void World::crash()
{
    dies = true;
    for (;;)
        engine.sleep(std::nullopt);
}

void World::print(const std::vector<std::string>& parts) const
{
    std::string line;
    for (const auto& part : parts)
        line += part;
    std::printf("%10.3f %s\n", static_cast<double>(engine.now().count()) / 1e6, line.c_str());
}

void World::taken(Server& server, const BuildId& build)
{
    ++coverage.handOvers;
    trace("        ", server.id, " takes ", build);
    const auto row = rowOf(build);
    expect(row.has_value(), "L1: " + server.id + " was sent build " + build + ", which is not stored");
    if (known(build).excused)
        return;
    for (const auto& other : servers)
        if (&other != &server && other.jobs.contains(build))
            expect(false, "D4: build " + build + " was given to " + server.id + " while " + other.id + " has it");
}

void World::mayBeGiven(const ServerId& chosen, const BuildId& build)
{
    if (known(build).excused)
        return;
    for (const auto& other : servers) {
        const bool has = other.jobs.contains(build) || other.onTheirWay.contains(build);
        expect(!has, "L3: build " + build + " is to go to " + chosen + " while " + other.id + " may have it");
    }
}

void Server::proceed(Time now)
{
    for (auto& [_, job] : jobs)
        if (job.state == BuildStatus::Building && now >= job.doneAt)
            job.state = job.verdict;
}

int Server::active(Time now)
{
    proceed(now);
    int count = 0;
    for (const auto& [_, job] : jobs)
        count += job.state == BuildStatus::Building ? 1 : 0;
    return count;
}

} // namespace apbfarm::sim

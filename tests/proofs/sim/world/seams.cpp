// SPDX-License-Identifier: MIT
#include "files/artifact_store.h"
#include "files/log_store.h"
#include "fleet/address_veil.h"
#include "fleet/public_report.h"
#include "life/build_life.h"
#include "proofs/sim/world/disk.h"
#include "service/payloads.h"

#include <apbfarm/errors.h>

#include <functional>

// What stands for parts of the farm that the simulation leaves out.

namespace apbfarm::life {

/// The farm's own `apply`, which is compiled under this name so that each use of it can be counted here.
Step applied(const Build& build, const Watch& watch, const Event& event, const Moment& now, const Policy& policy);

Step apply(const Build& build, const Watch& watch, const Event& event, const Moment& now, const Policy& policy)
{
    auto step = applied(build, watch, event, now, policy);
    if (auto* world = sim::World::current(); world && world->engine.current()) {
        ++world->coverage.events[static_cast<std::size_t>(build.state)][event.index()];
        world->trace(build.id, ": ", toText(build.state), build.uncertain ? "?" : "", " + ",
                     simulation::eventName(event.index()), " = ", toText(step.after.state),
                     step.after.uncertain ? "?" : "", step.after.server ? " at " + *step.after.server : "");
        const bool same = step.after.state == build.state && step.after.server == build.server;
        world->expect(step.store || same, "D1: build " + build.id + " changed and nothing is to be stored");
    }
    return step;
}

} // namespace apbfarm::life

namespace apbfarm::fleet {

std::string withoutAddresses(std::string_view text, const ServerId&)
{
    return std::string(text);
}

std::string publicReport(const ServerInfo&, const ServerId&)
{
    return {};
}

} // namespace apbfarm::fleet

namespace apbfarm::files {

namespace {

/// A write beside the database. What it leaves behind is nobody's until the database names it.
void writeTo(sim::World& world)
{
    if (world.mayFail(world.weather.crash))
        world.crash();
    if (world.mayFail(world.weather.disk))
        throw StorageFull("the disk is full");
}

} // namespace

std::uint64_t LogStore::append(const BuildId& build, std::uint64_t firstIndex, std::span<const std::string> lines)
{
    auto& world = *sim::World::current();
    writeTo(world);
    auto& count = disk_.logLines[build];
    if (firstIndex != count || disk_.sealed[build])
        return count;
    for (const auto& line : lines)
        world.expect(line == std::to_string(count++), "D8: the log of build " + build + " has line " + line + " in the wrong place");
    return count;
}

std::uint64_t LogStore::lineCount(const BuildId& build)
{
    return disk_.logLines[build];
}

void LogStore::seal(const BuildId& build)
{
    writeTo(*sim::World::current());
    disk_.sealed[build] = true;
}

StoredFile ArtifactWriter::finish(std::uint64_t expectedSize)
{
    writeTo(*sim::World::current());
    if (bytes_.size() != expectedSize)
        throw InvalidInput("A file has another length", "wrong_length");
    const StoredFile stored{std::to_string(std::hash<std::string>()(bytes_)), bytes_.size()};
    disk_.files[stored.sha256] = stored.size;
    return stored;
}

std::string contentTypeOf(const std::string&)
{
    return "application/octet-stream";
}

} // namespace apbfarm::files

namespace apbfarm::service {

fleet::Payload Payloads::open(const std::string& digest)
{
    if (sim::World::current()->mayFail(sim::World::current()->weather.disk))
        throw Unavailable("the tarball cannot be read", "storage_failed");
    return {digest, {}, 0};
}

Payloads::Files Payloads::asFiles(const fleet::HandOver& handOver, const fleet::Payload& payload)
{
    if (payload.bytes == "folders")
        throw NotFlat("folders");
    return {{}, fleet::FilesForm(handOver, -1)};
}

} // namespace apbfarm::service

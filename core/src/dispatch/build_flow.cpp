// SPDX-License-Identifier: MIT
#include "dispatch/build_flow.h"

#include "util/json_reader.h"

namespace apbfarm::dispatch {

namespace {

int exitCodeOf(const Build& build)
{
    try {
        if (!build.serverRecord.empty())
            return util::parseJsonObject(build.serverRecord, {1 << 20, 32})->optValue<int>("exit_code", 1);
    } catch (const std::exception&) {
        // A record that cannot be read says nothing about the exit code.
    }
    return build.state == BuildState::Completed ? 0 : 1;
}

} // namespace

BuildFlow::BuildFlow(const Parts& parts, const Settings& settings, util::Worker::OnError report,
                     std::function<void(const Build&)> concluded)
    : parts_(parts), tail_(parts.logs, parts.streams), concluded_(std::move(concluded)),
      dispatcher_(parts.ledger, parts.queue, parts.fleet, parts.scheduler, parts.clock, settings.dispatch, parts.tasks,
                  report)
{
    for (const auto& server : parts_.fleet.list()) {
        const auto& id = server.snapshot.id;
        LaneContext context{id, settings.client, settings.pace, parts_.ledger, parts_.fleet, parts_.clock,
                            parts_.tasks, [this] { dispatcher_.wake(); }, report};
        crews_[id] = std::make_unique<ServerCrew>(std::move(context), parts_.payloads, tail_, parts_.artifacts);
    }
}

BuildFlow::~BuildFlow()
{
    stop();
}

void BuildFlow::startDiscovery()
{
    for (const auto& [_, crew] : crews_)
        crew->startDiscovery();
}

void BuildFlow::stop()
{
    dispatcher_.stop();
    for (const auto& [_, crew] : crews_)
        crew->stop();
}

ServerCrew* BuildFlow::crewOf(const Build& build)
{
    if (!build.server)
        return nullptr;
    const auto found = crews_.find(*build.server);
    return found == crews_.end() ? nullptr : found->second.get();
}

void BuildFlow::take(const Build& build, life::Action action)
{
    if (action == life::Action::Enqueue) {
        // It may have come back from any server; only one of them still counts it.
        for (const auto& [id, crew] : crews_) {
            parts_.fleet.release(id, build.id);
            crew->take(build, action);
        }
        parts_.queue.add(build);
        return dispatcher_.wake();
    }
    if (auto* crew = crewOf(build)) {
        if (action != life::Action::Conclude)
            parts_.fleet.occupy(*build.server, build.id);
        crew->take(build, action);
    } else if (action != life::Action::Conclude) {
        orphans_.with([&](auto& orphans) { orphans.insert(build.id); });
    }
    if (action == life::Action::Conclude)
        conclude(build);
}

void BuildFlow::ageOrphans()
{
    const auto ids = orphans_.copy();
    for (const auto& id : ids)
        if (!parts_.ledger.apply(id, life::NoAnswer{"The server is not configured any more"}))
            orphans_.with([&](auto& orphans) { orphans.erase(id); });
}

void BuildFlow::conclude(const Build& build)
{
    parts_.queue.remove(build.id);
    if (build.server)
        parts_.fleet.release(*build.server, build.id);
    dispatcher_.wake();
    parts_.streams.ended(build.id, std::string(toText(statusOf(build.state))), exitCodeOf(build));
    concluded_(build);
    parts_.logs.seal(build.id);
}

} // namespace apbfarm::dispatch

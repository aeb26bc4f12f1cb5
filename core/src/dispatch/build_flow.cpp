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
    : parts_(parts), tail_(parts.logs, parts.streams), report_(std::move(report)), concluded_(std::move(concluded)),
      pace_(settings.pace), dispatcher_(parts.ledger, parts.queue, parts.fleet, parts.scheduler, parts.clock,
                                        settings.dispatch, parts.tasks, report_)
{
    hireCrews(settings.client);
}

BuildFlow::~BuildFlow()
{
    stop();
}

void BuildFlow::configure(const Settings& settings)
{
    hireCrews(settings.client);
    pace_.with([&](Pace& pace) { pace = settings.pace; });
    dispatcher_.configure(settings.dispatch);
    adoptOrphans();
    dismissCrews();
    dispatcher_.wake();
}

void BuildFlow::hireCrews(const fleet::ClientOptions& client)
{
    for (const auto& server : parts_.fleet.list()) {
        const auto& id = server.snapshot.id;
        if (crews_.with([&](const Crews& crews) { return crews.contains(id); }))
            continue;
        LaneContext context{id, client, pace_, parts_.ledger, parts_.fleet, parts_.clock,
                            parts_.tasks, [this] { dispatcher_.wake(); }, report_};
        auto crew = std::make_shared<ServerCrew>(std::move(context), parts_.payloads, tail_, parts_.artifacts);
        if (discovers_)
            crew->startDiscovery();
        crews_.with([&](Crews& crews) { crews[id] = std::move(crew); });
    }
}

/// Builds whose server is configured again.
void BuildFlow::adoptOrphans()
{
    for (const auto& id : orphans_.copy()) {
        const auto build = parts_.ledger.findLive(id);
        const bool known = build && build->server &&
                           crews_.with([&](const Crews& crews) { return crews.contains(*build->server); });
        if (known && orphans_.with([&](auto& orphans) { return orphans.erase(id) > 0; }))
            parts_.ledger.apply(id, life::Restarted{});
    }
}

/// The look at the ledger and the parting are one step for `take`: a build that is placed meanwhile finds its crew, or
/// finds that there is none and is an orphan.
void BuildFlow::dismissCrews()
{
    std::vector<std::shared_ptr<ServerCrew>> leaving;
    for (const auto& server : parts_.fleet.list())
        if (server.retired)
            crews_.with([&](Crews& crews) {
                const auto& id = server.snapshot.id;
                if (parts_.ledger.isAnyOn(id))
                    return;
                if (auto crew = crews.extract(id))
                    leaving.push_back(std::move(crew.mapped()));
                parts_.fleet.forget(id);
            });
    for (const auto& crew : leaving)
        crew->stop();
}

void BuildFlow::startDiscovery()
{
    discovers_ = true;
    crews_.with([](const Crews& crews) {
        for (const auto& [_, crew] : crews)
            crew->startDiscovery();
    });
}

void BuildFlow::stop()
{
    dispatcher_.stop();
    // Not copied: at the end of a process there may be no memory for that.
    Crews crews;
    crews_.with([&](Crews& all) { crews.swap(all); });
    for (const auto& [_, crew] : crews)
        crew->stop();
}

/// False when nobody works with the build's server.
bool BuildFlow::hand(const Build& build, life::Action action)
{
    return build.server && crews_.with([&](const Crews& crews) {
        const auto found = crews.find(*build.server);
        if (found == crews.end())
            return false;
        if (action != life::Action::Conclude)
            parts_.fleet.occupy(*build.server, build.id);
        found->second->take(build, action);
        return true;
    });
}

void BuildFlow::enqueue(const Build& build)
{
    // It may have come back from any server; only one of them still counts it.
    crews_.with([&](const Crews& crews) {
        for (const auto& [id, crew] : crews) {
            parts_.fleet.release(id, build.id);
            crew->take(build, life::Action::Enqueue);
        }
    });
    parts_.queue.add(build);
    dispatcher_.wake();
}

void BuildFlow::take(const Build& build, life::Action action)
{
    if (action == life::Action::Enqueue)
        return enqueue(build);
    const bool taken = hand(build, action);
    if (!taken && action != life::Action::Conclude)
        orphans_.with([&](auto& orphans) { orphans.insert(build.id); });
    if (action == life::Action::Conclude)
        conclude(build);
}

void BuildFlow::tidy()
{
    dismissCrews();
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
    parts_.logs.seal(build.id);
    concluded_(build);
}

} // namespace apbfarm::dispatch

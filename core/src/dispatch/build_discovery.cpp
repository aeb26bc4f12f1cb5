// SPDX-License-Identifier: MIT
#include "dispatch/build_discovery.h"

#include "fleet/address_veil.h"

#include <algorithm>

namespace apbfarm::dispatch {

namespace {

/// Servers list a finished build twice, and each counts.
constexpr int kListed = 100;
/// Asking about one build is a request, and the server has other things to do (V5).
constexpr int kPerLook = 10;
/// What one server may bring in before the farm is started anew: a broken one must not fill the database.
constexpr int kFromOneServer = 10000;

BuildState stateOf(BuildStatus status)
{
    switch (status) {
    case BuildStatus::Completed: return BuildState::Completed;
    case BuildStatus::Failed: return BuildState::Failed;
    case BuildStatus::Cancelled: return BuildState::Cancelled;
    default: return BuildState::Building;
    }
}

} // namespace

std::chrono::milliseconds BuildDiscovery::look(fleet::ServerClient& client)
{
    const auto pause = task_.run([&] { return takeInUnknown(client); });
    task_.nextIn(pause);
    return pause;
}

std::chrono::milliseconds BuildDiscovery::takeInUnknown(fleet::ServerClient& client)
{
    const auto answer = client.latest(kListed);
    const auto* list = std::get_if<std::vector<fleet::ListedBuild>>(&answer);
    if (!list) {
        task_.failed(context_.server + ": " + std::get<fleet::CallError>(answer).text);
        return context_.pace().discovery;
    }
    int asked = 0;
    for (const auto& listed : *list) {
        if (isKnown(listed.id))
            continue;
        if (all_ >= kFromOneServer)
            break;
        if (++asked > kPerLook)
            return std::min(context_.pace().probe, context_.pace().discovery);
        const auto status = client.status(listed.id);
        if (std::holds_alternative<fleet::CallError>(status))
            break;
        if (const auto* remote = std::get_if<fleet::RemoteBuild>(&status); remote && takeIn(listed, *remote))
            ++all_;
    }
    return context_.pace().discovery;
}

bool BuildDiscovery::takeIn(const fleet::ListedBuild& listed, const fleet::RemoteBuild& remote)
{
    // L10: a word that nobody knows says nothing.
    if (!remote.status)
        return false;
    const auto build = buildFrom(listed, remote, *remote.status);
    if (isFinal(build.state))
        return context_.ledger.adopt(build);
    // Counted before it is followed: until the next probe it would take two slots.
    context_.fleet.adopt(context_.server, build.id);
    try {
        if (context_.ledger.adopt(build))
            return true;
    } catch (...) {
        context_.fleet.release(context_.server, build.id);
        throw;
    }
    context_.fleet.release(context_.server, build.id);
    return false;
}

Build BuildDiscovery::buildFrom(const fleet::ListedBuild& listed, const fleet::RemoteBuild& remote,
                                BuildStatus status) const
{
    const auto now = context_.clock.wall();
    // A server whose clock is ahead must not lead the history for ever.
    const auto past = [&](const std::optional<double>& epoch) -> std::optional<Timestamp> {
        return epoch ? std::optional(std::min(now, fromEpoch(*epoch))) : std::nullopt;
    };
    const auto view = context_.fleet.find(context_.server);
    Build build;
    build.id = listed.id;
    build.state = stateOf(status);
    build.pkgname = fleet::withoutAddresses(remote.pkgname.empty() ? listed.pkgname : remote.pkgname, context_.server);
    build.architecture = view ? view->snapshot.architecture : std::string();
    for (const auto& name : remote.architectures)
        build.pkgbuildArchitectures.push_back(fleet::withoutAddresses(name, context_.server));
    build.timeout = remote.timeout.value_or(build.timeout);
    build.server = context_.server;
    build.createdAt = past(remote.createdAt).value_or(past(listed.startTime).value_or(now));
    build.startedAt = past(remote.startTime);
    if (life::isOver(status))
        build.endedAt = past(remote.endTime ? remote.endTime : listed.endTime).value_or(now);
    build.serverRecord = remote.document;
    build.lastStatusUpdate = now;
    build.reason = "Submitted to its build server directly";
    return build;
}

} // namespace apbfarm::dispatch

// SPDX-License-Identifier: MIT
#include "dispatch/follow_lane.h"

#include <algorithm>
#include <utility>

namespace apbfarm::dispatch {

namespace {

std::optional<Timestamp> timeFrom(const std::optional<double>& epoch)
{
    if (!epoch)
        return std::nullopt;
    return fromEpoch(*epoch);
}

} // namespace

FollowLane::FollowLane(const LaneContext& context)
    : context_(context), client_(context.server, context.client), discovery_(context_),
      jitter_(static_cast<unsigned>(std::hash<std::string>{}(context.server))),
      worker_("follow",
              context.tasks.watched("status", "Asks build servers how they and their builds do", [this] { return step(); }),
              context.report)
{
}

void FollowLane::ask(const BuildId& build)
{
    watched_.with([&](auto& watched) { watched[build].due = context_.clock.steady(); });
    worker_.wake();
}

void FollowLane::cancel(const BuildId& build)
{
    watched_.with([&](auto& watched) {
        watched[build].due = context_.clock.steady();
        watched[build].cancel = true;
    });
    worker_.wake();
}

void FollowLane::forget(const BuildId& build)
{
    watched_.with([&](auto& watched) { watched.erase(build); });
}

void FollowLane::startDiscovery()
{
    discovers_ = true;
    worker_.wake();
}

void FollowLane::stop()
{
    client_.abort();
    worker_.stop();
}

std::optional<std::chrono::milliseconds> FollowLane::step()
{
    if (context_.clock.steady() >= nextProbe_)
        probe();
    while (const auto build = nextDue(context_.clock.steady()))
        visit(*build);
    if (mayDiscover() && context_.clock.steady() >= nextDiscovery_)
        nextDiscovery_ = context_.clock.steady() + jittered(discovery_.look(client_));
    const auto next = watched_.with([&](const auto& watched) {
        auto earliest = mayDiscover() ? std::min(nextProbe_, nextDiscovery_) : nextProbe_;
        for (const auto& [_, watch] : watched)
            earliest = std::min(earliest, watch.due);
        return earliest;
    });
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(next - context_.clock.steady()),
                    std::chrono::milliseconds(0));
}

void FollowLane::probe()
{
    const auto answer = client_.info();
    if (const auto* info = std::get_if<fleet::ServerInfo>(&answer)) {
        if (std::exchange(probeFailures_, 0) > 0)
            serverIsBack();
        if (info->current && !discovery_.isKnown(*info->current))
            nextDiscovery_ = context_.clock.steady();
        nextProbe_ = context_.clock.steady() + jittered(context_.pace().probe);
        if (context_.fleet.reported(context_.server, *info))
            context_.wakeDispatcher();
        return;
    }
    const auto& error = std::get<fleet::CallError>(answer);
    context_.fleet.failed(context_.server, error);
    const auto wait = std::min(context_.pace().probe, backOffAfter(++probeFailures_, context_.pace()));
    nextProbe_ = context_.clock.steady() + jittered(wait);
}

/// Its builds have waited long enough: what became of them is asked now.
void FollowLane::serverIsBack()
{
    watched_.with([&](auto& watched) {
        for (auto& [_, watch] : watched)
            watch.due = context_.clock.steady();
    });
}

std::optional<BuildId> FollowLane::nextDue(util::Instant now)
{
    return watched_.with([&](const auto& watched) -> std::optional<BuildId> {
        for (const auto& [build, watch] : watched)
            if (watch.due <= now)
                return build;
        return std::nullopt;
    });
}

void FollowLane::visit(const BuildId& build)
{
    const bool wantsCancel = watched_.with([&](auto& watched) {
        const auto found = watched.find(build);
        return found != watched.end() && found->second.cancel;
    });
    if (wantsCancel)
        return visitToCancel(build);
    const auto answer = client_.status(build);
    if (const auto* remote = std::get_if<fleet::RemoteBuild>(&answer))
        return take(build, *remote);
    if (const auto* error = std::get_if<fleet::CallError>(&answer))
        return noAnswer(build, *error);
    // Asked again at the usual pace: a second 404 after the gap is what proves absence (L3).
    answered(build, jittered(context_.pace().status));
    context_.ledger.applyFrom(context_.server, build, life::NotKnownThere{serverHealthy()});
}

void FollowLane::visitToCancel(const BuildId& build)
{
    const auto answer = client_.cancel(build);
    if (const auto* error = std::get_if<fleet::CallError>(&answer))
        return noAnswer(build, *error);
    answered(build, context_.pace().settle);
    if (std::holds_alternative<fleet::BuildNotKnown>(answer))
        context_.ledger.applyFrom(context_.server, build, life::NotKnownThere{serverHealthy()});
    else
        context_.ledger.applyFrom(context_.server, build, life::CancelAnswered{});
}

void FollowLane::take(const BuildId& build, const fleet::RemoteBuild& remote)
{
    if (!remote.status)
        return answered(build, jittered(context_.pace().status));   // L10: an unknown word changes nothing
    life::Reported report{*remote.status, isSettled(build, remote), remote.document, timeFrom(remote.startTime),
                          timeFrom(remote.endTime), std::nullopt};
    if (remote.duration)
        report.duration = std::chrono::duration<double>(*remote.duration);
    report.exitCode = remote.exitCode;
    answered(build, life::isOver(*remote.status) ? context_.pace().settle : jittered(context_.pace().status));
    context_.ledger.applyFrom(context_.server, build, report);
}

/// Servers set a final status first and fill in the rest after it (protocol 5.4).
bool FollowLane::isSettled(const BuildId& build, const fleet::RemoteBuild& remote)
{
    if (remote.endTime && !remote.logs.empty())
        return true;
    return watched_.with([&](auto& watched) {
        const auto found = watched.find(build);
        return found != watched.end() && std::exchange(found->second.unsettled, remote.document) == remote.document;
    });
}

void FollowLane::noAnswer(const BuildId& build, const fleet::CallError& error)
{
    watched_.with([&](auto& watched) {
        const auto found = watched.find(build);
        if (found != watched.end())
            found->second.due = context_.clock.steady() + jittered(backOffAfter(++found->second.failures, context_.pace()));
    });
    context_.ledger.applyFrom(context_.server, build, life::NoAnswer{error.text});
}

void FollowLane::answered(const BuildId& build, std::chrono::milliseconds next)
{
    watched_.with([&](auto& watched) {
        const auto found = watched.find(build);
        if (found == watched.end())
            return;
        found->second.failures = 0;
        found->second.due = context_.clock.steady() + next;
    });
}

bool FollowLane::serverHealthy() const
{
    const auto view = context_.fleet.find(context_.server);
    return view && view->answering;
}

/// Up to a tenth more, so that servers and builds do not all come due together.
std::chrono::milliseconds FollowLane::jittered(std::chrono::milliseconds pace)
{
    jitter_ = jitter_ * 1664525u + 1013904223u;
    return pace + pace * (jitter_ >> 24) / 2560;
}

} // namespace apbfarm::dispatch

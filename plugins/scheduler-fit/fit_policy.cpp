// SPDX-License-Identifier: MIT
#include "fit_policy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>

namespace fit {

using namespace apbfarm;

namespace {

constexpr double kAboutAsGood = 1.1;     // times the best: then the load decides
constexpr double kWorthWaiting = 1.3;    // waiting must win by so much, for all of it is guessed
constexpr double kHoldIsOver = 60;       // seconds since it was last asked about
constexpr std::size_t kMostHolds = 200;
constexpr double kUnknown = std::numeric_limits<double>::infinity();

std::string count(int number, const std::string& noun)
{
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

/// "40 s", "12 min", "3.5 h".
std::string spoken(double seconds)
{
    if (seconds < 99)
        return std::to_string(static_cast<int>(std::lround(std::max(seconds, 1.0)))) + " s";
    if (seconds < 99 * 60)
        return std::to_string(static_cast<int>(std::lround(seconds / 60))) + " min";
    const auto tenths = static_cast<int>(std::lround(seconds / 360));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " h";
}

int busyOn(const ServerSnapshot& server)
{
    return std::max(server.building, server.slots - server.freeSlots);
}

double loadOf(const ServerSnapshot& server)
{
    return static_cast<double>(busyOn(server) + server.queued) / std::max(server.slots, 1);
}

} // namespace

FitPolicy::FitPolicy(Options options)
    : options_(options), estimates_(options.forgetAfter),
      room_({.share = options.memoryShare, .longestHold = options.longestHold, .forgetAfter = options.forgetAfter})
{
}

struct FitPolicy::Choice {
    const ServerSnapshot* server = nullptr;
    double seconds = kUnknown;           ///< from now until it is done there
    bool packageKnown = false, serverKnown = false;
};

FitPolicy::Choice FitPolicy::judge(const Build& build, const ServerSnapshot& server, double now) const
{
    const auto expected = estimates_.expected({build.pkgname, server.architecture}, server.id, now);
    if (!expected)
        return {&server, kUnknown, false, false};
    double seconds = expected->seconds;
    // What waits on the server itself goes first; of what kind it is nobody knows.
    seconds += expected->seconds * server.queued / std::max(server.slots, 1);
    if (server.health == ServerHealth::Degraded)
        seconds *= options_.degradedFactor;
    if (server.recreatingBuildroot)
        seconds += options_.buildrootSeconds;
    return {&server, seconds, expected->packageKnown, expected->serverKnown};
}

Placement FitPolicy::pick(const Build& build, std::span<const ServerSnapshot> candidates, double now)
{
    if (candidates.empty())
        return Placement::wait("waiting for a free server");
    for (const auto& server : candidates)
        seen_[server.id] = server;
    const auto room = room_.choose(build, candidates, now);
    if (room.servers.empty())
        return Placement::wait(room.reason);
    std::vector<Choice> choices;
    for (const auto* server : room.servers)
        choices.push_back(judge(build, *server, now));
    std::ranges::stable_sort(choices, {}, &Choice::seconds);
    const auto best = bestOf(choices);
    if (const auto later = room.reason.empty() ? betterLater(build, candidates, best, now) : std::nullopt)
        return Placement::wait("expected " + spoken(later->seconds) + " from now when it waits for a faster server, " +
                               spoken(best.seconds) + " on the best that is free");
    holds_.erase(build.id);
    lastTurn_[best.server->id] = ++turn_;
    running(build, best.server->id, now);
    return Placement::on(best.server->id, room.reason.empty() ? reasonFor(best, choices, room.condition) : room.reason);
}

/// Of those that are about as good as the first: the least loaded, unknown ones before known ones, then by turns.
FitPolicy::Choice FitPolicy::bestOf(const std::vector<Choice>& choices) const
{
    const auto soonest = choices.front().seconds;
    const auto asGood = std::ranges::find_if(choices, [&](const Choice& one) { return one.seconds > soonest * kAboutAsGood; });
    return *std::ranges::min_element(choices.begin(), asGood, {}, [this](const Choice& one) {
        const auto turn = lastTurn_.find(one.server->id);
        return std::tuple(loadOf(*one.server), one.serverKnown, turn == lastTurn_.end() ? 0 : turn->second);
    });
}

std::string FitPolicy::reasonFor(const Choice& best, const std::vector<Choice>& choices, const std::string& condition)
{
    const auto& server = *best.server;
    const auto servers = std::to_string(choices.size()) + " servers" + condition;
    const auto only = "the only free server" + condition;
    if (best.seconds == kUnknown)
        return "nothing is known yet of how long builds for " + server.architecture + " take: " +
               (choices.size() == 1 ? only : "the least loaded of " + servers) + " (" +
               count(server.freeSlots, "slot") + " free)";
    const auto reason = "expected " + spoken(best.seconds) + " here" +
                        (best.packageKnown ? "" : " by the average of " + server.architecture);
    const auto other = std::ranges::find_if(choices, [&](const Choice& one) { return one.server != best.server; });
    return other == choices.end() ? reason + ", " + only
                                  : reason + ", " + spoken(other->seconds) + " on the next of " + servers;
}

/// A server that is full now and expected to have finished the build before the best free one would.
std::optional<FitPolicy::Choice> FitPolicy::betterLater(const Build& build, std::span<const ServerSnapshot> candidates,
                                                        const Choice& best, double now)
{
    forgetOldHolds(now);
    const auto held = holds_.find(build.id);
    const bool mayHold = held == holds_.end() ? holds_.size() < kMostHolds : now - held->second.since < options_.longestHold;
    if (!mayHold || options_.longestHold <= 0 || !best.packageKnown || !best.serverKnown)
        return std::nullopt;
    Choice found;
    double seconds = 0;
    for (const auto& [id, server] : seen_) {
        if (server.architecture != best.server->architecture || std::ranges::count(candidates, id, &ServerSnapshot::id) > 0)
            continue;
        const auto wait = freeAt(id, build.id, now).value_or(kUnknown) - now;
        const auto there = judge(build, server, now);
        if (there.serverKnown && room_.couldHold(build, server, now) && wait < options_.longestHold && wait + there.seconds < found.seconds) {
            found = {&server, wait + there.seconds, true, true};
            seconds = there.seconds;
        }
    }
    if (!found.server || found.seconds * kWorthWaiting >= best.seconds)
        return std::nullopt;
    auto& hold = holds_[build.id];
    hold = {found.server->id, hold.since > 0 ? hold.since : now, now, seconds, hold.order > 0 ? hold.order : ++order_};
    return found;
}

/// When a slot there is free for this build, after those that wait for it already. Empty when nobody can say: builds of
/// others, builds that take longer than they should.
std::optional<double> FitPolicy::freeAt(const ServerId& server, const BuildId& asking, double now) const
{
    std::priority_queue<double, std::vector<double>, std::greater<>> ends;
    for (const auto& [id, one] : running_)
        if (one.server == server && one.endsAt > now)
            ends.push(one.endsAt);
    if (ends.empty())
        return std::nullopt;
    const auto own = holds_.find(asking);
    for (const auto& [id, hold] : holds_) {
        if (hold.server != server || id == asking || (own != holds_.end() && hold.order > own->second.order))
            continue;
        const double begin = ends.top();
        ends.pop();
        ends.push(begin + hold.seconds);
    }
    return ends.top();
}

void FitPolicy::forgetOldHolds(double now)
{
    std::erase_if(holds_, [&](const auto& hold) { return now - hold.second.lastAsked > kHoldIsOver; });
}

void FitPolicy::running(const Build& build, const ServerId& server, double since)
{
    const auto seen = seen_.find(server);
    const auto& architecture = seen == seen_.end() ? build.architecture : seen->second.architecture;
    const auto expected = estimates_.expected({build.pkgname, architecture}, server, since);
    running_[build.id] = {server, expected && expected->packageKnown ? since + expected->seconds : 0};
    room_.running(build, server, architecture);
}

void FitPolicy::gone(const BuildId& build)
{
    running_.erase(build);
    room_.gone(build);
}

void FitPolicy::learn(const Build& build, double seconds, double now)
{
    if (build.server)
        estimates_.learn({build.pkgname, build.architecture}, *build.server, seconds, now);
}

void FitPolicy::learn(const Build& build, const ReportedMemory& memory, double now)
{
    if (memory.peak)
        room_.estimates().learn({build.pkgname, build.architecture}, *memory.peak, build.state == BuildState::Completed, now);
    if (memory.server && build.server)
        room_.estimates().learnServer(*build.server, *memory.server, now);
}

} // namespace fit

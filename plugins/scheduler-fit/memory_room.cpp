// SPDX-License-Identifier: MIT
#include "memory_room.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace fit {

using namespace apbfarm;

namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();
constexpr double kHoldIsOver = 6 * 3600;   // seconds since it was last asked about: nobody asks while all slots are taken
constexpr std::size_t kMostHolds = 1000;

/// "340 MiB", "6.1 GiB".
std::string spoken(double bytes)
{
    const double mebibytes = std::max(bytes, 0.0) / (1 << 20);
    char text[32];
    if (mebibytes < 1000)
        std::snprintf(text, sizeof text, "%.0f MiB", mebibytes);
    else
        std::snprintf(text, sizeof text, "%.1f GiB", mebibytes / 1024);
    return text;
}

} // namespace

struct MemoryRoom::Room {
    const ServerSnapshot* server = nullptr;
    double need = 0;                 ///< of the build there; 0: not known
    double limit = kUnlimited;
    double left = kUnlimited;
    bool empty = true;               ///< nothing runs there

    bool fits() const { return need <= 0 || need <= left; }
};

double MemoryRoom::needOn(const Build& build, const std::string& architecture) const
{
    return options_.share > 0 ? estimates_.expected({build.pkgname, architecture}).value_or(0) : 0;
}

double MemoryRoom::limitOf(const ServerId& server, double now) const
{
    const auto memory = estimates_.ofServer(server, now);
    return memory ? *memory * options_.share : kUnlimited;
}

std::vector<MemoryRoom::Room> MemoryRoom::roomsFor(const Build& build, std::span<const ServerSnapshot> candidates, double now)
{
    std::vector<Room> rooms;
    for (const auto& server : candidates) {
        const auto limit = limitOf(server.id, now);
        const bool empty = server.building == 0 && server.queued == 0 && server.freeSlots >= server.slots;
        rooms.push_back({&server, needOn(build, server.architecture), limit, limit, empty});
    }
    for (const auto& [id, one] : running_) {
        const auto room = std::ranges::find(rooms, one.server, [](const Room& each) { return each.server->id; });
        if (room == rooms.end())
            continue;
        room->left -= one.bytes;
        room->empty = false;
    }
    return rooms;
}

MemoryRoom::Verdict MemoryRoom::choose(const Build& build, std::span<const ServerSnapshot> candidates, double now)
{
    for (const auto& server : candidates)
        architectures_[server.id] = server.architecture;
    running_.erase(build.id);   // it may have come back from a server
    const auto rooms = roomsFor(build, candidates, now);
    auto verdict = roomy(rooms);
    if (verdict.servers.empty())
        verdict = otherwise(build.id, rooms, now);
    if (!verdict.servers.empty())
        holds_.erase(build.id);
    return verdict;
}

MemoryRoom::Verdict MemoryRoom::roomy(const std::vector<Room>& rooms)
{
    Verdict verdict;
    double need = 0;
    for (const auto& room : rooms)
        if (room.fits()) {
            verdict.servers.push_back(room.server);
            need = std::max(need, room.need);
        }
    if (verdict.servers.size() < rooms.size())
        verdict.condition = " with " + spoken(need) + " of memory left";
    return verdict;
}

/// When nobody has room for it.
MemoryRoom::Verdict MemoryRoom::otherwise(const BuildId& build, const std::vector<Room>& rooms, double now)
{
    const auto& most = *std::ranges::max_element(rooms, {}, &Room::left);
    const auto need = "expected to need " + spoken(most.need);
    if (const auto* alone = aloneOn(rooms, now))
        return {{alone->server}, need + ", and has this server, where " + spoken(alone->limit) + " may be used, for itself", {}};
    if (hasWaitedEnough(build, most.server->architecture, now))
        return {{most.server}, need + ", has waited for that long enough, and most is left here: " + spoken(most.left), {}};
    const auto left = spoken(most.left) + " are expected to be left on the ";
    return {{}, need + "; " + (rooms.size() == 1 ? left + "one free server"
                                                 : "at most " + left + std::to_string(rooms.size()) + " free servers"), {}};
}

/// The largest on which nothing runs, unless one that is in use has more memory: that is worth waiting for.
const MemoryRoom::Room* MemoryRoom::aloneOn(const std::vector<Room>& rooms, double now) const
{
    const Room* largest = nullptr;
    for (const auto& room : rooms)
        if (room.empty && (!largest || room.limit > largest->limit))
            largest = &room;
    const auto isLarger = [&](const ServerId& server) {
        const auto known = architectures_.find(server);
        return known != architectures_.end() && known->second == largest->server->architecture &&
               limitOf(server, now) > largest->limit;
    };
    if (!largest || std::ranges::any_of(rooms, isLarger, [](const Room& room) { return room.server->id; }) ||
        std::ranges::any_of(running_, isLarger, [](const auto& one) { return one.second.server; }))
        return nullptr;
    return largest;
}

/// Keeps the time since when it waits.
bool MemoryRoom::hasWaitedEnough(const BuildId& build, const std::string& architecture, double now)
{
    std::erase_if(holds_, [&](const auto& hold) { return now - hold.second.lastAsked > kHoldIsOver; });
    auto held = holds_.find(build);
    if (held == holds_.end()) {
        if (holds_.size() >= kMostHolds)
            return false;
        held = holds_.emplace(build, Hold{now, now}).first;
    }
    held->second.lastAsked = now;
    const auto forced = lastForced_.find(architecture);
    if (now - held->second.since < options_.longestHold ||
        (forced != lastForced_.end() && now - forced->second < options_.longestHold))
        return false;
    lastForced_[architecture] = now;
    return true;
}

bool MemoryRoom::couldHold(const Build& build, const ServerSnapshot& server, double now) const
{
    return needOn(build, server.architecture) <= limitOf(server.id, now);
}

void MemoryRoom::running(const Build& build, const ServerId& server, const std::string& architecture)
{
    running_[build.id] = {server, needOn(build, architecture)};
}

} // namespace fit

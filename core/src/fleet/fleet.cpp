// SPDX-License-Identifier: MIT
#include "fleet/fleet.h"

#include "fleet/address_veil.h"
#include "fleet/public_report.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::fleet {

namespace {

ServerView viewOf(const ServerSnapshot& snapshot, const ConfiguredServer& configured, const HealthRecord& health)
{
    ServerView view;
    view.snapshot = snapshot;
    view.group = configured.group;
    view.reason = health.reason();
    view.failures = health.failures();
    view.answering = health.isAnswering();
    return view;
}

HealthRecord::Fault faultOf(const CallError& error)
{
    if (error.failure == Failure::Busy)
        return HealthRecord::Fault::Busy;
    return error.status != 0 ? HealthRecord::Fault::Nonsense : HealthRecord::Fault::Silence;
}

} // namespace

Fleet::Fleet(const std::vector<ConfiguredServer>& servers, const util::Clock& clock) : clock_(clock)
{
    configure(servers);
}

void Fleet::configure(const std::vector<ConfiguredServer>& servers)
{
    servers_.with([&](auto& list) {
        std::vector<Server> next;
        const auto take = [&](const ConfiguredServer& configured, Server server, bool retired) {
            server.configured = configured;
            server.retired = retired;
            next.push_back(std::move(server));
        };
        for (const auto& configured : servers) {
            const auto known = std::ranges::find_if(list, [&](const Server& s) { return s.configured.id == configured.id; });
            take(configured, known == list.end() ? Server{} : *known, false);
            // In another group it may be what it says it is: the next probe tells.
            if (known != list.end() && known->configured.group != configured.group)
                next.back().health = {};
        }
        for (const auto& server : list)
            if (std::ranges::none_of(servers, [&](const auto& s) { return s.id == server.configured.id; }))
                take(server.configured, server, true);
        list = std::move(next);
    });
}

bool Fleet::hasRetired() const
{
    return servers_.with([](const auto& list) { return std::ranges::any_of(list, &Server::retired); });
}

void Fleet::forget(const ServerId& id)
{
    servers_.with([&](auto& list) {
        std::erase_if(list, [&](const Server& server) { return server.retired && server.configured.id == id; });
    });
}

template <class F> auto Fleet::withServer(const ServerId& id, F&& f)
{
    return servers_.with([&](auto& list) {
        const auto found = std::ranges::find_if(list, [&](const Server& s) { return s.configured.id == id; });
        using Result = decltype(f(*found));
        if (found == list.end())
            return Result();
        return f(*found);
    });
}

std::string Fleet::architectureOf(const Server& server)
{
    return server.info.architecture.empty() ? server.configured.group : server.info.architecture;
}

int Fleet::freeSlots(const Server& server)
{
    return std::max(0, server.info.slots - static_cast<int>(server.ours.size()) - server.foreign);
}

ServerSnapshot Fleet::snapshotOf(const Server& server)
{
    ServerSnapshot snapshot;
    snapshot.id = server.configured.id;
    snapshot.architecture = architectureOf(server);
    snapshot.health = server.health.health();
    snapshot.slots = server.info.slots;
    snapshot.freeSlots = freeSlots(server);
    snapshot.building = std::max(server.info.building, static_cast<int>(server.ours.size()));
    snapshot.queued = server.info.queued;
    snapshot.recreatingBuildroot = server.info.recreatingBuildroot;
    snapshot.loadAverage = server.info.loadPerCore;
    return snapshot;
}

bool Fleet::serves(const Server& server, const std::string& architecture)
{
    return architecture.empty() || architecture == "any" || architectureOf(server) == architecture;
}

bool Fleet::mayTake(const Server& server) const
{
    const auto health = server.health.health();
    const bool able = health == ServerHealth::Healthy || health == ServerHealth::Degraded;
    return able && !server.retired && !server.drained && server.health.isAnswering() && freeSlots(server) > 0 &&
           clock_.steady() >= server.pausedUntil;
}

std::vector<ServerView> Fleet::list() const
{
    return servers_.with([](const auto& list) {
        std::vector<ServerView> views;
        views.reserve(list.size());
        for (const auto& server : list) {
            auto view = viewOf(snapshotOf(server), server.configured, server.health);
            view.lastContact = server.lastContact;
            view.drained = server.drained;
            view.lastFailure = server.lastFailure;
            view.version = server.info.version;
            view.document = server.info.document;
            view.publicDocument = server.publicDocument;
            view.builds.assign(server.ours.begin(), server.ours.end());
            view.retired = server.retired;
            if (server.retired)
                view.reason = "Not configured any more; what it builds is followed to its end";
            views.push_back(std::move(view));
        }
        return views;
    });
}

std::optional<ServerView> Fleet::find(const ServerId& id) const
{
    for (auto& view : list())
        if (view.snapshot.id == id)
            return view;
    return std::nullopt;
}

std::vector<ServerSnapshot> Fleet::candidatesFor(const std::string& architecture, const std::vector<ServerId>& except) const
{
    return servers_.with([&](const auto& list) {
        std::vector<ServerSnapshot> candidates;
        for (const auto& server : list)
            if (serves(server, architecture) && mayTake(server) &&
                std::ranges::find(except, server.configured.id) == except.end())
                candidates.push_back(snapshotOf(server));
        return candidates;
    });
}

bool Fleet::isAvailable(const std::string& architecture) const
{
    return servers_.with([&](const auto& list) {
        return std::ranges::any_of(list, [&](const Server& server) {
            const auto health = server.health.health();
            return !server.retired && serves(server, architecture) && health != ServerHealth::Unavailable &&
                   health != ServerHealth::Misconfigured;
        });
    });
}

std::vector<std::string> Fleet::availableArchitectures() const
{
    std::vector<std::string> names;
    for (const auto& view : list()) {
        const auto& name = view.snapshot.architecture;
        const bool listed = std::ranges::find(names, name) != names.end();
        if (!listed && name != "any" && isAvailable(name))
            names.push_back(name);
    }
    return names;
}

bool Fleet::allIn(const std::string& architecture, const std::vector<ServerId>& refusedBy) const
{
    return servers_.with([&](const auto& list) {
        return std::ranges::all_of(list, [&](const Server& server) {
            return server.retired || !serves(server, architecture) ||
                   std::ranges::find(refusedBy, server.configured.id) != refusedBy.end();
        });
    });
}

std::string Fleet::whyNobody(const std::string& architecture) const
{
    int known = 0, full = 0, silent = 0, paused = 0, drained = 0;
    for (const auto& view : list()) {
        if (view.retired || (architecture != "any" && view.snapshot.architecture != architecture))
            continue;
        ++known;
        if (!view.answering || view.snapshot.health == ServerHealth::Misconfigured)
            ++silent;
        else if (view.drained)
            ++drained;
        else if (view.snapshot.freeSlots == 0)
            ++full;
        else
            ++paused;
    }
    const auto which = architecture == "any" ? std::string() : architecture + " ";
    if (known == 0)
        return "Waiting: no " + which + "server is configured";
    const auto servers = [&](int count) {
        return std::to_string(count) + " " + which + (count == 1 ? "server" : "servers");
    };
    std::vector<std::string> parts;
    if (full > 0)
        parts.push_back(full == known ? (known == 1 ? "the " + which + "server is full" : "all " + servers(known) + " are full")
                                      : servers(full) + " full");
    if (silent > 0)
        parts.push_back(silent == known && known == 1 ? "the " + which + "server does not answer"
                                                      : servers(silent) + " not available");
    if (drained > 0)
        parts.push_back(servers(drained) + " drained by an administrator");
    if (paused > 0)
        parts.push_back(servers(paused) + " busy, asked again soon");
    return "Waiting: " + util::join(parts, ", ");
}

bool Fleet::reported(const ServerId& id, const ServerInfo& info)
{
    auto publicDocument = info.document.empty() ? std::string() : publicReport(info, id);
    return withServer(id, [&](Server& server) {
        const bool before = mayTake(server);
        const int freeBefore = freeSlots(server);
        server.info = info;
        server.info.version = withoutAddresses(info.version, id);
        server.publicDocument = std::move(publicDocument);
        server.lastContact = clock_.wall();
        server.health.answered(info.architecture, server.configured.group);
        server.foreign = std::max(0, info.building + info.queued - static_cast<int>(server.ours.size()));
        return mayTake(server) && (!before || freeSlots(server) > freeBefore);
    });
}

bool Fleet::failed(const ServerId& id, const CallError& error)
{
    return withServer(id, [&](Server& server) {
        server.lastFailure = clock_.wall();
        if (error.failure == Failure::Refused)
            server.health.refused(error.text);
        else
            server.health.failed(faultOf(error), error.text);
        return false;
    });
}

void Fleet::occupy(const ServerId& id, const BuildId& build)
{
    withServer(id, [&](Server& server) { return server.ours.insert(build).second; });
}

void Fleet::adopt(const ServerId& id, const BuildId& build)
{
    withServer(id, [&](Server& server) {
        if (server.ours.insert(build).second)
            server.foreign = std::max(0, server.foreign - 1);
        return true;
    });
}

void Fleet::release(const ServerId& id, const BuildId& build)
{
    withServer(id, [&](Server& server) { return server.ours.erase(build); });
}

void Fleet::pause(const ServerId& id, std::chrono::milliseconds duration)
{
    withServer(id, [&](Server& server) {
        server.pausedUntil = std::max(server.pausedUntil, clock_.steady() + duration);
        return true;
    });
}

void Fleet::setDrained(const ServerId& id, bool drained)
{
    withServer(id, [&](Server& server) {
        server.drained = drained;
        return true;
    });
}

void Fleet::refuse(const ServerId& id, const std::string& why)
{
    withServer(id, [&](Server& server) {
        server.health.refused(why);
        return true;
    });
}

std::optional<std::chrono::milliseconds> Fleet::nextPauseEnd() const
{
    return servers_.with([&](const auto& list) {
        std::optional<std::chrono::milliseconds> next;
        const auto now = clock_.steady();
        for (const auto& server : list)
            if (server.pausedUntil > now) {
                const auto left = std::chrono::ceil<std::chrono::milliseconds>(server.pausedUntil - now);
                next = next ? std::min(*next, left) : left;
            }
        return next;
    });
}

std::string obfuscated(const ServerId& id)
{
    const auto scheme = id.find("://");
    if (scheme == std::string::npos)
        return "unk---n";
    auto host = id.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const auto at = host.rfind('@'); at != std::string::npos)
        host = host.substr(at + 1);
    if (host.starts_with('['))
        host = host.substr(1, host.find(']') - 1);
    else
        host = host.substr(0, host.find(':'));
    host = util::toLower(host);
    // Numeric addresses have no labels; existing farms show 127---1 for 127.0.0.1.
    const bool numeric = host.find_first_not_of("0123456789.:abcdef") == std::string::npos &&
                         host.find_first_of(".:") != std::string::npos;
    const auto label = numeric ? host : host.substr(0, host.find('.'));
    if (label.size() < 4)
        return "ser---1";
    return label.substr(0, 3) + "---" + label.back();
}

} // namespace apbfarm::fleet

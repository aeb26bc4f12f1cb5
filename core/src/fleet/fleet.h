// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_client.h"
#include "fleet/server_health.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/model.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::fleet {

/// One configured server: where it is and the group (architecture) it was put under.
struct ConfiguredServer {
    ServerId id;
    std::string group;
};

/// A server as people may see it. Addresses are real: whoever renders decides who sees them.
struct ServerView {
    ServerSnapshot snapshot;
    std::string group;
    std::string reason;              ///< what is wrong, for administrators
    int failures = 0;
    bool drained = false;            ///< an administrator wants it to get nothing new
    bool answering = false;
    std::optional<Timestamp> lastContact;
    std::optional<Timestamp> lastFailure;
    std::string version;
    std::string document;            ///< its last `GET /`, JSON; empty before the first
    std::string publicDocument;      ///< the same as everybody may read it
    std::vector<BuildId> builds;     ///< of this farm, there now
    bool retired = false;            ///< not configured any more; what it builds is followed to its end
};

/// The live list of build servers: what they reported, how they do, what the farm has placed on them.
///
/// Every configured server is always listed, and one that is not configured any more until it is forgotten.
/// Thread-safe; nothing here blocks or calls a server.
class Fleet {
public:
    Fleet(const std::vector<ConfiguredServer>& servers, const util::Clock& clock);

    /// Takes this list over: new servers come, those that are not in it retire, the others keep what is known of them.
    void configure(const std::vector<ConfiguredServer>& servers);
    bool hasRetired() const;
    /// A retired server goes away; others stay.
    void forget(const ServerId& id);

    std::vector<ServerView> list() const;
    std::optional<ServerView> find(const ServerId& id) const;

    /// Servers that could take a build of that architecture now, in configured order; empty architecture: any.
    /// Without those in `except`.
    std::vector<ServerSnapshot> candidatesFor(const std::string& architecture, const std::vector<ServerId>& except) const;

    /// Whether some server for it is healthy, degraded or not yet asked (decisions 5).
    bool isAvailable(const std::string& architecture) const;
    std::vector<std::string> availableArchitectures() const;
    /// Every server of that architecture refused a build that large.
    bool allIn(const std::string& architecture, const std::vector<ServerId>& refusedBy) const;
    /// Why a build of that architecture waits, when no server can take it: one sentence without addresses.
    std::string whyNobody(const std::string& architecture) const;

    // What probes found. All return true when a server can now take more than before.
    bool reported(const ServerId& id, const ServerInfo& info);
    bool failed(const ServerId& id, const CallError& error);

    /// Counts a build against the slots from now on (L4). Hand-overs under way count, too.
    void occupy(const ServerId& id, const BuildId& build);
    /// The same for a build that the last probe counted among those of others.
    void adopt(const ServerId& id, const BuildId& build);
    void release(const ServerId& id, const BuildId& build);
    /// No new builds for a while: it was busy, or did not answer.
    void pause(const ServerId& id, std::chrono::milliseconds duration);
    /// No new builds until it is taken back; those there go on.
    void setDrained(const ServerId& id, bool drained);
    void refuse(const ServerId& id, const std::string& why);
    /// When the next pause ends, for the dispatcher's sleep; empty when none is in force.
    std::optional<std::chrono::milliseconds> nextPauseEnd() const;

private:
    struct Server {
        ConfiguredServer configured;
        HealthRecord health;
        ServerInfo info;
        std::string publicDocument;
        std::optional<Timestamp> lastContact, lastFailure;
        std::set<BuildId> ours;
        int foreign = 0;             ///< builds of others, as of the last probe
        util::Instant pausedUntil{};
        bool retired = false;
        bool drained = false;
    };

    static std::string architectureOf(const Server& server);
    static int freeSlots(const Server& server);
    static ServerSnapshot snapshotOf(const Server& server);
    static bool serves(const Server& server, const std::string& architecture);
    bool mayTake(const Server& server) const;
    template <class F> auto withServer(const ServerId& id, F&& f);

    const util::Clock& clock_;
    util::Guarded<std::vector<Server>> servers_;
};

/// What people other than administrators see of an address: the first three characters of the host name's first
/// label, `---`, and its last character (decisions 7).
std::string obfuscated(const ServerId& id);

} // namespace apbfarm::fleet

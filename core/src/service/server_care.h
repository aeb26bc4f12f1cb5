// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"
#include "service/user_service.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/storage.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace apbfarm::service {

/// What administrators do with build servers: take them out of service and back, note things about them, try them.
/// Thread-safe. Drained servers and notes survive a restart.
class ServerCare {
public:
    /// Asks the server how it is, now. May take as long as a call to it may.
    using Probe = std::function<fleet::Answer<fleet::ServerInfo>(const ServerId&)>;

    /// Tells `fleet` which servers are drained.
    ServerCare(SettingStore& settings, AuditStore& audit, fleet::Fleet& fleet, const util::Clock& clock, Probe probe);

    /// No new builds from now on; those there go on. All throw `NotFound` ("server_not_found") for an unknown server.
    void drain(const ServerId& server, const Caller& caller);
    void resume(const ServerId& server, const Caller& caller);
    /// At most 2000 bytes, several lines; empty removes it. Throws `InvalidInput`.
    void setNote(const ServerId& server, const std::string& note, const Caller& caller);
    std::string note(const ServerId& server) const;

    struct Trial {
        bool answered = false;
        std::string sentence;        ///< what came of it, for administrators
    };
    Trial test(const ServerId& server, const Caller& caller);

    struct Turn {
        Timestamp at{};
        std::string health;
        std::string reason;          ///< for administrators; may be empty
    };
    /// Looks how the servers are and remembers what changed. From one thread.
    void observe();
    /// Changes since the start of the farm, newest first; the first state is one, too.
    std::vector<Turn> history(const ServerId& server) const;

private:
    void require(const ServerId& server) const;
    void record(const char* action, const ServerId& server, const Caller& caller, const std::string& result = "ok");

    SettingStore& settings_;
    AuditStore& audit_;
    fleet::Fleet& fleet_;
    const util::Clock& clock_;
    const Probe probe_;
    util::Guarded<std::map<ServerId, std::deque<Turn>>> turns_;
};

} // namespace apbfarm::service

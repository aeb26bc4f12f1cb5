// SPDX-License-Identifier: MIT
#pragma once

#include "files/artifact_store.h"
#include "files/log_store.h"
#include "fleet/fleet.h"

#include <apbfarm/storage.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::service {

/// Files of ended builds that the farm does not hold: brought home when somebody asks for one (expectations 6).
///
/// Of builds that were found on a server, were taken over from an older farm, or whose server was away when they ended.
/// Only what the server had listed, or the log, can be asked for, so strangers cannot make the farm fetch anything
/// else. Thread-safe; calls block on build servers.
class RemoteFiles {
public:
    struct Settings {
        fleet::ClientOptions client;
        int tries = 3;                               ///< of the server that built it
        std::chrono::milliseconds pause{1000};       ///< between two of them
        std::size_t together = 8;                    ///< fetches at the same time; each holds a thread
    };
    struct Parts {
        fleet::Fleet& fleet;
        BuildStore& builds;
        files::ArtifactStore& artifacts;
        files::LogStore& logs;
        const util::Clock& clock;
    };

    RemoteFiles(const Parts& parts, Settings settings) : parts_(parts), settings_(std::move(settings)) {}

    /// The file, stored now: from the server that built it, else from any other that has it. Throws `NotFound` when no
    /// server has it, `Unavailable` when one that may have it cannot be asked, or too many are being fetched.
    Artifact fetch(const Build& build, const std::string& filename);

    /// Makes the lines of an ended build readable whose log the farm does not hold. Does nothing when it cannot.
    void bringLog(const Build& build);

    /// Running fetches end early, later ones fail. For shutting down.
    void stop();

private:
    enum class Outcome { Stored, Missing, Unreachable };
    class Place;

    std::vector<ServerId> candidates(const Build& build) const;
    Outcome fetchFrom(const ServerId& server, const Build& build, const fleet::RemoteFile& file, Artifact& artifact);
    Outcome tryOnce(fleet::ServerClient& client, const fleet::RemoteFile& file, Artifact& artifact);
    bool wasMissing(const Build& build, const std::string& filename);
    void noteMissing(const Build& build, const std::string& filename);
    void appendLog(const Build& build, const Artifact& artifact);

    Parts parts_;
    const Settings settings_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::size_t running_ = 0;
    std::set<fleet::ServerClient*> clients_;
    util::Guarded<std::map<std::pair<BuildId, std::string>, util::Instant>> missing_;   ///< when no server had it
};

/// Packages and logs that the record of a server lists; sizes as announced, -1 when not.
std::vector<fleet::RemoteFile> listedFiles(const Build& build);

} // namespace apbfarm::service

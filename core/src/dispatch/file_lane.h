// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/lane.h"
#include "dispatch/log_tail.h"
#include "files/artifact_store.h"
#include "util/guarded.h"

#include <map>
#include <vector>

namespace apbfarm::dispatch {

/// Brings home what an ended build left on its server: the rest of the log, then every file it lists (L9, D7).
class FileLane {
public:
    FileLane(const LaneContext& context, LogTail& tail, files::ArtifactStore& artifacts);
    ~FileLane() { stop(); }

    void secure(const BuildId& build);
    void stop();

private:
    struct Pending {
        util::Instant due{};
        util::Instant since{};
        int failures = 0;
        std::map<std::string, Artifact> done;   ///< by file name; kept across tries
        std::map<std::string, int> missing;     ///< how often the server said that it has no such file
    };
    enum class Outcome { Done, Retry };

    std::optional<std::chrono::milliseconds> step();
    void work(const BuildId& build);
    Outcome collect(const BuildId& build, Pending& pending, std::string& trouble);
    Outcome fetch(const BuildId& build, const fleet::RemoteFile& file, Pending& pending, std::string& trouble);
    bool drainLog(const BuildId& build);
    void finish(const BuildId& build, const Pending& pending, const std::string& givenUp);

    const LaneContext& context_;
    LogTail& tail_;
    files::ArtifactStore& artifacts_;
    fleet::ServerClient client_;
    util::Guarded<std::map<BuildId, Pending>> pending_;
    util::Worker worker_;
};

} // namespace apbfarm::dispatch

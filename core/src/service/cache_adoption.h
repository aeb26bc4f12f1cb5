// SPDX-License-Identifier: MIT
#pragma once

#include "files/artifact_store.h"
#include "service/foreign_files.h"
#include "util/guarded.h"
#include "util/worker.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace Poco {
class Logger;
}

namespace apbfarm::service {

/// Makes the files that an older farm cached its own artifacts: in the background, newest first, and at once when
/// somebody asks for a build of which one waits.
///
/// The older farm's files stay where they are. Kills and full disks lose nothing: what is not adopted yet is found again
/// at the next start.
class CacheAdoption {
public:
    struct Parts {
        ForeignFileStore& records;
        BuildStore& builds;
        files::ArtifactStore& artifacts;
        Poco::Logger& logger;
    };

    /// `folder`: cache of the older farm, which need not exist. `reserve`: bytes on the disk that copies leave free.
    CacheAdoption(Parts parts, const std::filesystem::path& folder, std::uint64_t reserve);

    /// Returns when the files of that build are adopted or cannot be. Throws nothing. Any thread.
    void adopt(const BuildId& build) noexcept;
    /// Builds of which files wait.
    std::size_t waiting() const;

private:
    struct Waiting {
        std::mutex turn;             ///< held while the files of this one build are adopted
        std::vector<FoundFile> files;
    };
    using Builds = std::map<BuildId, std::shared_ptr<Waiting>>;

    void find(const std::filesystem::path& folder);
    std::optional<std::chrono::milliseconds> step();
    void adoptWaiting(Waiting& waiting);
    void adoptFile(const FoundFile& found);

    Parts parts_;
    const std::uint64_t reserve_;
    std::vector<BuildId> order_;     ///< newest last; only the worker touches it
    std::atomic<std::size_t> adopted_ = 0, refused_ = 0;
    util::Guarded<Builds> builds_;
    std::unique_ptr<util::Worker> worker_;   ///< null when nothing waits
};

} // namespace apbfarm::service

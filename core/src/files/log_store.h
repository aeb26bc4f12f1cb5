// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_file.h"
#include "util/guarded.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>

namespace apbfarm::files {

/// The logs of all builds, one file each. See `LogFile` for the promises. Thread-safe; builds do not wait for each
/// other.
///
/// Every method throws `NotFound` for an id that is not a UUID: no other text becomes a path (F1). A build without a
/// log has no lines.
class LogStore {
public:
    /// Makes the folder, private, when it is not there. At most about `openFiles` logs are kept open.
    explicit LogStore(std::filesystem::path root, LogLimits limits = {}, std::size_t openFiles = 256);

    /// Adds lines if `firstIndex` is the number of lines stored, else nothing. Returns the number now stored (D8).
    std::uint64_t append(const BuildId& build, std::uint64_t firstIndex, std::span<const std::string> lines);
    /// From `startIndex` on; fewer than `limit` lines when they are more than 8 MiB together.
    LogPage read(const BuildId& build, std::uint64_t startIndex, std::size_t limit);
    /// The last `count` lines.
    LogPage tail(const BuildId& build, std::size_t count);
    std::uint64_t lineCount(const BuildId& build);

    /// No more lines; durable when it returns (D7).
    void seal(const BuildId& build);
    bool isSealed(const BuildId& build);
    /// The size limit is reached: asking the server for more is of no use.
    bool isFull(const BuildId& build);
    void remove(const BuildId& build);

    std::filesystem::path path(const BuildId& build) const;
    /// Stays usable for as long as it is held.
    std::shared_ptr<LogFile> file(const BuildId& build);

private:
    struct Entry {
        std::shared_ptr<LogFile> file;
        std::list<BuildId>::iterator use;
    };
    struct Cache {
        std::map<BuildId, Entry> entries;
        std::list<BuildId> uses;               ///< latest first
    };

    std::list<std::shared_ptr<LogFile>> evict(Cache& cache) const;

    const std::filesystem::path root_;
    const LogLimits limits_;
    const std::size_t openFiles_;
    util::Guarded<Cache> cache_;
};

} // namespace apbfarm::files

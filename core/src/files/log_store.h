// SPDX-License-Identifier: MIT
#pragma once

#include "util/guarded.h"
#include "util/unique_fd.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace apbfarm::files {

/// Some lines of a log, and how many there are in all.
struct LogPage {
    std::vector<std::string> lines;
    std::uint64_t total = 0;
};

/// The logs of builds, one file each, growing line by line.
///
/// The number of complete lines in the file is the place where the tail goes on, so bytes and place can never
/// disagree (D8): what a crash cut in the middle of a line is dropped and fetched again. Thread-safe; logs of different
/// builds do not wait for each other.
class LogStore {
public:
    static constexpr std::size_t kLongestLine = 64 << 10;          ///< bytes; longer ones are cut (V2)
    static constexpr std::uint64_t kLongestLog = 1ull << 30;       ///< bytes; what comes after is dropped (V2)

    explicit LogStore(std::filesystem::path root);
    ~LogStore();

    /// Appends only when `first` is the number of lines already stored; otherwise nothing happens, so that nothing is
    /// repeated and nothing left out. Returns the number of lines stored now. Throws `StorageFull` or `Unavailable`.
    std::uint64_t append(const BuildId& build, std::uint64_t first, const std::vector<std::string>& lines);

    /// From line `start` on, at most `limit` lines and about 1 MiB. Empty for a build without a log.
    LogPage read(const BuildId& build, std::uint64_t start, std::size_t limit);
    std::uint64_t lineCount(const BuildId& build);
    std::filesystem::path path(const BuildId& build) const;

    /// The log is complete: to disk with it.
    void seal(const BuildId& build);

private:
    class Log;
    struct Cache {
        std::list<std::pair<BuildId, std::shared_ptr<Log>>> recent;   ///< the last used one first
        std::unordered_map<BuildId, decltype(recent)::iterator> index;
    };

    /// Null when there is no file and none is to be made.
    std::shared_ptr<Log> open(const BuildId& build, bool create);

    std::filesystem::path root_;
    util::Guarded<Cache> cache_;
};

} // namespace apbfarm::files

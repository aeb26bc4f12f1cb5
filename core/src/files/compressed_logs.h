// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"

#include <apbfarm/model.h>

#include <filesystem>
#include <mutex>

namespace apbfarm::files {

/// Logs as gzip files, made when somebody asks for one. Only the last few are kept. Thread-safe.
class CompressedLogs {
public:
    /// Makes the folder, private, when it is not there, and empties it: nothing in it is needed.
    CompressedLogs(LogStore& logs, std::filesystem::path folder);

    /// The log as far as it has got. Throws `NotFound` ("file_not_found") while there is none.
    std::filesystem::path fileOf(const BuildId& build);

private:
    void write(const BuildId& build, std::uint64_t lines, const std::filesystem::path& file) const;
    void removeOld();

    LogStore& logs_;
    const std::filesystem::path folder_;
    std::mutex cleaning_;
};

} // namespace apbfarm::files

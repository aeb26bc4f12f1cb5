// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::storage {

/// What a database says about itself and about the files beside it.
struct DatabaseFacts {
    struct File {
        BuildId build;
        std::string name;            ///< empty for an upload
        std::string digest;
        std::int64_t size = -1;      ///< bytes; -1: not on record
    };

    int schema = 0, knownSchema = 0; ///< the files below are known when these are equal
    std::vector<std::string> faults; ///< sentences; empty when the database is whole
    std::int64_t foreignKeyFaults = 0;
    std::vector<File> uploads;       ///< in the spool, of builds that are not final
    std::vector<File> artifacts;
    std::set<std::string> digests;   ///< of all uploads and artifacts that a row names
    std::set<BuildId> builds;
    std::optional<Timestamp> newest; ///< when the last build was submitted
};

/// Looks at a copy; the file stays as it is and may be in use. Throws `Unavailable` when it cannot be opened.
DatabaseFacts readDatabaseFacts(const std::filesystem::path& file);

} // namespace apbfarm::storage

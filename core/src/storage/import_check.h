// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/storage.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::storage {

/// What a start would do to a database.
struct ImportReport {
    bool present = false;            ///< false: there is no file; all else is as in an empty database
    std::uint64_t bytes = 0;         ///< of the file
    int schema = 0;                  ///< 0: written by an existing farm only
    int newSchema = 0;
    std::int64_t users = 0, administrators = 0, deactivated = 0, withoutMails = 0;
    std::int64_t tokens = 0, liveTokens = 0;
    std::int64_t builds = 0, completed = 0, failed = 0, cancelled = 0, goingOn = 0;   ///< as they are afterwards
    std::int64_t queueRowsClosed = 0, timesInText = 0, plainPasswords = 0, repositories = 0;
    std::vector<std::string> unknown;         ///< tables and columns that stay as they are
    std::vector<std::string> problems;        ///< sentences
    std::vector<ForeignFile> files;           ///< of ended builds, on record
    std::set<BuildId> ended;
};

/// Tries it on a copy in memory, with the code that a start runs; the file stays as it is. Works
/// while a farm uses the database. Throws `Unavailable` with the sentence that the start would end with.
ImportReport checkImport(const std::filesystem::path& file, Timestamp now);

} // namespace apbfarm::storage

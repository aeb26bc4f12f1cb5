// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/storage.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace apbfarm::service {

/// A file in the cache of another farm, and where it really lies.
struct FoundFile {
    ForeignFile file;                ///< with its real size
    std::filesystem::path place;
};

struct ForeignFiles {
    std::vector<FoundFile> found;            ///< can be adopted, newest first
    std::vector<std::string> missing;        ///< on record, but not there
    std::vector<std::string> unusable;       ///< there, but not as long as on record, or with names nobody may use
};

/// Looks for files that can be adopted: those on record, and those that lie in `folder` as `<build>/<filename>` without
/// a record, which the other farm served as well. Changes nothing. A missing folder holds nothing.
ForeignFiles findForeignFiles(const std::vector<ForeignFile>& records, const std::filesystem::path& folder,
                              const std::function<bool(const BuildId&)>& isEnded);

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::files {

/// What a backup says about itself: every file with its digest. It lies beside them as `manifest.json`, and its own
/// digest in `manifest.sha256`, in the form that sha256sum(1) checks.
struct BackupManifest {
    struct File {
        std::string path;            ///< inside the backup, with slashes; checked to stay inside
        std::uint64_t size = 0;
        std::string sha256;          ///< lower-case hex
        bool readOnly = false;       ///< a log that is complete
    };

    std::string madeAt;              ///< ISO 8601, UTC
    std::string version;             ///< of the program that made it
    int schema = 0;                  ///< of the database
    bool withSecrets = false;
    std::vector<File> files;
};

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kManifestDigestName = "manifest.sha256";

std::string toJson(const BackupManifest& manifest);

/// Reads both files of a backup. Throws `InvalidInput` ("backup_damaged") when they are absent, changed or of a form
/// that this program does not know.
BackupManifest readManifest(const std::filesystem::path& backup);

/// Reads the whole file. Throws `Unavailable` when that fails.
BackupManifest::File describeFile(const std::filesystem::path& file, std::string name);

} // namespace apbfarm::files

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace apbfarm::package {

/// Whether a name ends like that of a file which `packFolder` can write: .tar, .tar.gz, .tar.zst.
bool isArchiveName(const std::filesystem::path& file);

/// Writes the named files of a folder into one new file, mode 0600, compressed as its name says, and synced.
/// Throws `StorageFull`, `Unavailable`.
void packFolder(const std::filesystem::path& folder, const std::vector<std::string>& names,
                const std::filesystem::path& file);

/// Writes the files of an archive into a folder, mode 0600. Throws `InvalidInput` ("archive_damaged") for one that is cut
/// or damaged or holds anything but plain files with names that stay inside; `StorageFull`, `Unavailable`.
void unpackFolder(const std::filesystem::path& file, const std::filesystem::path& folder);

} // namespace apbfarm::package

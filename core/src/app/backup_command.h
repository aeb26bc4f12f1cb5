// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <filesystem>
#include <iosfwd>

namespace apbfarm::app {

/// How `backup` ends when it was made.
enum BackupVerdict {
    kBackupWhole = 0,
    kBackupWithGaps = 1              ///< files that the database names are missing or damaged in the farm itself
};

/// Makes a backup of a farm, which may be running, at that place or in that folder. It appears whole or not at all
/// (D14). Says in `out` where it is. Throws `ConfigError`, `StorageFull`, `Unavailable`.
BackupVerdict makeBackup(const FarmConfig& config, const std::filesystem::path& place, bool withSecrets,
                         std::ostream& out);

} // namespace apbfarm::app

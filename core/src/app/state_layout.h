// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <apbfarm/model.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>

namespace apbfarm::app {

inline constexpr const char* kRestoreMark = "restore.under-way";

/// Where a farm keeps what, for commands that work beside it.
struct StateLayout {
    /// Throws `ConfigError` when the farm's storage is not one file.
    explicit StateLayout(const FarmConfig& config);

    std::filesystem::path directory, database, key;

    std::filesystem::path upload(const std::string& digest) const;
    std::filesystem::path artifact(const std::string& digest) const;
    /// Of the database: a second farm, or a command that changes things, waits for nobody and is refused (D12).
    std::filesystem::path lock() const;
    /// There while a restore is under way.
    std::filesystem::path restoreMark() const { return directory / kRestoreMark; }
    /// There while a rotation of the key is under way.
    std::filesystem::path nextKey() const;
};

/// Folders in the state directory whose content a backup holds.
inline constexpr std::array<const char*, 3> kKeptFolders{"payloads", "artifacts", "logs"};

/// Calls `use` for every file in one of those folders, which lie on shelves of two characters. A folder that is not
/// there has none; one that cannot be read throws std::filesystem::filesystem_error.
void forEachKept(const StateLayout& layout, const char* folder, const std::function<void(const std::filesystem::path&)>& use);

/// What root makes in a folder of another account cannot be used by a farm that runs as that account. Throws
/// `Unavailable` with what to do.
void refuseForeignRoot(const StateLayout& layout);

/// Throws `Unavailable` with what to do when the state is half of one and half of another.
void refuseHalfRestored(const FarmConfig& config);

} // namespace apbfarm::app

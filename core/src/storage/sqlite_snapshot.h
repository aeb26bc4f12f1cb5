// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sqlite_connection.h"

#include <filesystem>

namespace apbfarm::storage {

/// Fills `copy`, which must be in memory, with a database as it is at this moment, also while others write to it. Leaves
/// the file as it is: what a killed writer left unfinished is finished in a private copy only.
/// Throws SqlFailure.
void takeSnapshot(const std::filesystem::path& file, SqliteConnection& copy);

/// The same into a new file, synced, which appears only when it is whole. Throws `StorageFull`, `Unavailable`.
void saveSnapshot(const std::filesystem::path& file, const std::filesystem::path& copy);

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <apbfarm/storage.h>

#include <filesystem>
#include <functional>
#include <memory>

namespace apbfarm::storage {

struct SqliteOptions {
    std::filesystem::path file;
    int readers = 8;                 ///< calls that can read at the same moment
    const util::Clock* clock = nullptr;   ///< the system's when null; outlives the storage
    /// Told what is done to a database while it is brought up to date, for the log.
    std::function<void(const std::string&)> progress = {};
};

/// Opens a farm's database and makes it when it is absent. That of an existing farm, or of an older release, is copied
/// beside itself first and then brought up to date (D11).
///
/// Throws `Unavailable` with a sentence naming the file when another farm holds it ("state_locked", D12), when its
/// schema is too new ("schema_too_new"), or when it cannot be used ("storage_failed"); `StorageFull` when there is no
/// room.
std::unique_ptr<Storage> openSqlite(const SqliteOptions& options);

} // namespace apbfarm::storage

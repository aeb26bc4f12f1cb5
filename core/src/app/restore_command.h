// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <filesystem>
#include <iosfwd>

namespace apbfarm::app {

/// Puts a backup where the configuration says that a farm keeps its state. Everything is checked and copied before
/// anything takes its place. `asideFirst` moves state that is there into a folder beside it; otherwise it is refused.
///
/// Killed at any moment, the state is the old one, the new one, or marked so that no farm starts on it until the same
/// command has completed it. Throws `InvalidInput` for a damaged backup, `Conflict` for state that is in the way,
/// `Unavailable` while a farm runs, `StorageFull`.
void restoreBackup(const FarmConfig& config, const std::filesystem::path& backup, bool asideFirst, std::ostream& out);

} // namespace apbfarm::app

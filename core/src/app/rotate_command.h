// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <iosfwd>

namespace apbfarm::app {

/// Exchanges the key that secrets in the database are sealed with (C1). Each step leaves a state in which the farm
/// starts and opens every secret: the new key lies beside the old one before anything is sealed with it, and the old
/// one goes only after the new one was seen to open everything. Run again, it completes what was interrupted.
///
/// Throws `Conflict` naming a secret that no key opens, `Unavailable` while the farm runs.
void rotateKey(const FarmConfig& config, const std::filesystem::path& keyFile, std::ostream& out);

} // namespace apbfarm::app

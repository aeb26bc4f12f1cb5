// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <iosfwd>

namespace apbfarm::app {

/// Describes every plugin in the plugin folder, whether it is configured or not. Returns the exit code: one that cannot
/// be loaded is said to be so in its place, and makes it EXIT_CONFIG.
int listPlugins(const FarmConfig& config, std::ostream& out);

} // namespace apbfarm::app

// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

namespace Poco {
class Logger;
}

namespace apbfarm::app {

/// Opens the configured plugins and looks for every extension that is asked for, without creating any of them.
/// Throws PluginError or ConfigError.
void checkPlugins(const FarmConfig& config, Poco::Logger& logger);

} // namespace apbfarm::app

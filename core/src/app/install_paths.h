// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <filesystem>

namespace apbfarm::app {

/// Where the libraries of the plugins are: as configured, else beside the program as installed or as built.
std::filesystem::path pluginDirectory(const FarmConfig& config);

/// Where templates and static files are; same rule.
std::filesystem::path webDirectory(const FarmConfig& config);

} // namespace apbfarm::app

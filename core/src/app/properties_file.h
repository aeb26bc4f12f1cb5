// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config_error.h"
#include "util/config_value.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace apbfarm::app {

using util::ConfigValue;
using util::ConfigValues;

/// `key = value` lines; `#` begins a comment line; a line that ends in `\` goes on in the next one. Nothing else is
/// special: no escapes, no quotes. Throws `ConfigError` naming file and line for anything else and for a key twice.
ConfigValues parseProperties(std::string_view text, const std::string& fileName);

/// The same from a file. Throws `ConfigError` also when it cannot be read.
ConfigValues readProperties(const std::filesystem::path& file);

/// A whole configuration file. Throws `ConfigError` when it cannot be read or is larger than a megabyte.
std::string readConfigFile(const std::filesystem::path& file);

} // namespace apbfarm::app

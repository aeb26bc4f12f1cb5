// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

namespace apbfarm::util {

/// A value and where it was written: "etc/apb-farm.properties:12", or the name of an environment variable or option.
struct ConfigValue {
    std::string text;
    std::string origin;
};

using ConfigValues = std::map<std::string, ConfigValue>;

} // namespace apbfarm::util

// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace apbfarm::app {

/// The configuration is wrong. The sentence names file, place and remedy; it ends the start with the exit code for
/// configuration errors (O1).
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(const std::string& sentence) : std::runtime_error(sentence) {}
    ConfigError(const std::string& origin, const std::string& sentence) : ConfigError(origin + ": " + sentence) {}
};

} // namespace apbfarm::app

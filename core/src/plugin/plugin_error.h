// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace apbfarm::plugin {

/// A plugin or its configuration does not fit. The sentence names the file, the reason and the remedy; it ends the
/// start with the exit code for configuration errors.
class PluginError : public std::runtime_error {
public:
    explicit PluginError(const std::string& sentence) : std::runtime_error(sentence) {}
};

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#pragma once

#include "settings.h"

#include <string>
#include <vector>

namespace apbfarm::server {

/// One option of the command line and what it changes.
struct ServerOption {
    std::string name;
    std::string argument;            ///< what follows it, in a word; empty for a switch
    std::string help;
    /// Throws Poco::Util::InvalidArgumentException for a value that makes no sense.
    void (*apply)(const std::string& name, const std::string& value, Settings& settings);
};

const std::vector<ServerOption>& serverOptions();

} // namespace apbfarm::server

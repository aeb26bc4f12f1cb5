// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <functional>
#include <string>
#include <vector>

namespace apbfarm::app {

enum class Task { Serve, Help, Version, CheckConfig, CheckImport, ListPlugins };

/// What a command line asks for.
struct Invocation {
    CommandLine commandLine;
    std::string portFile;            ///< empty: none
    Task task = Task::Serve;
};

/// One option of the command line and what it changes. Help, manual page and completion are made from these.
struct ProgramOption {
    std::string name;
    std::string argument;            ///< what follows it, in a word; empty for a switch
    std::string help;
    std::function<void(Invocation& invocation, const std::string& value)> apply;
};

/// In the order in which people read them.
const std::vector<ProgramOption>& programOptions();

} // namespace apbfarm::app

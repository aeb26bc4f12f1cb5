// SPDX-License-Identifier: MIT
#pragma once

#include "app/program_options.h"

#include <iosfwd>

namespace apbfarm::app {

/// Whether that is done and over, without serving.
bool isCommand(Task task);

/// Does it, says in `out` what was done, and returns the exit code. Throws `ConfigError`, `PluginError`, `Error`.
int runCommand(const Invocation& invocation, std::ostream& out);

} // namespace apbfarm::app

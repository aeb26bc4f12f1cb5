// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace apbfarm::server {

/// The first argument that turns this program into the supervisor of one command.
inline constexpr auto kSuperviseArgument = "--supervise";

/// Runs a command and outlives all that it starts: `--supervise <parent pid> <uid> <gid> <command...>`.
///
/// Every descendant, also one that left its session, is killed when the command ends, when SIGTERM comes and when the
/// parent dies. Returns the command's exit code, 128 + n when signal n ended it. Runs in a process of its own, with
/// one thread, so that it works where namespaces are not to be had. A uid of -1 keeps ours.
int supervise(const std::vector<std::string>& arguments);

} // namespace apbfarm::server

// SPDX-License-Identifier: MIT
#pragma once

#include "hook_target.h"

#include <apbfarm/context.h>

#include <chrono>
#include <string>
#include <vector>

namespace webhook {

struct HookOptions {
    std::string caFile;              ///< PEM; empty: the system's certificates
    bool allowPrivate = false;       ///< this machine and the own network may be contacted
    std::chrono::seconds timeout{10}; ///< for one request in all
};

/// Throws `InvalidInput` when an option is wrong or the file does not exist.
HookOptions readHookOptions(const apbfarm::OptionView& options);

/// The file that the option names, else what the service manager handed over as apb-farm.webhooks; empty when there is
/// neither.
std::string findTargetFile(const apbfarm::OptionView& options);

/// `name.key = value` lines. Throws `InvalidInput` naming file, target and key, never a value that may be secret: for
/// what is wrong, and for a file that others on this machine may read.
std::vector<Target> readTargets(const std::string& file, const HookOptions& options);

} // namespace webhook

// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/extension_catalog.h"
#include "util/config_value.h"

#include <string>
#include <vector>

namespace apbfarm::plugin {

/// Throws `PluginError` with place and remedy for an option, as in `scheduler.leastload.queueWeight`, of an extension
/// that nobody offers, and for a wrong one of an extension in the catalog, whether it was chosen or not.
///
/// `installed` are names of plugins, `scheduler-fit`. What those that are not in the catalog offer is not known: options
/// of any extension called `fit` are accepted then, so that they may stay in the file while somebody switches. An
/// optional notifier's own options are left to its creation, which may fail.
void checkOptionKeys(const ExtensionCatalog& catalog, const std::vector<std::string>& installed,
                     const util::ConfigValues& configuration);

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/extension_catalog.h"
#include "plugin/plugin_loader.h"
#include "util/config_value.h"

#include <string>
#include <vector>

namespace Poco {
class Logger;
}

namespace apbfarm::plugin {

/// Whether the farm may start without that notifier: `notify.<name>.optional = true`.
bool isOptionalNotifier(const std::string& name, const util::ConfigValues& configuration);

/// Opens each of the named plugins and lets it register. Throws `PluginError` for the first that does not fit; a
/// plugin called `notify-<name>` whose notifier is optional is only warned about. Throws the same for an option
/// of the configuration that is none of these plugins', nor of another in the folder.
void loadPlugins(PluginLoader& loader, const std::vector<std::string>& names, ExtensionCatalog& catalog,
                 const util::ConfigValues& configuration, Poco::Logger& logger);

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#include "plugin/plugin_set.h"

#include <Poco/Logger.h>
#include <Poco/Util/AbstractConfiguration.h>

#include <string_view>

namespace apbfarm::plugin {

bool isOptionalNotifier(const std::string& name, const Poco::Util::AbstractConfiguration& configuration)
{
    return configuration.getBool("notify." + name + ".optional", false);
}

void loadPlugins(PluginLoader& loader, const std::vector<std::string>& names, ExtensionCatalog& catalog,
                 const Poco::Util::AbstractConfiguration& configuration, Poco::Logger& logger)
{
    constexpr std::string_view prefix = "notify-";
    for (const auto& name : names) {
        try {
            catalog.admit(loader.load(name));
        } catch (const PluginError& error) {
            if (!name.starts_with(prefix) || !isOptionalNotifier(name.substr(prefix.size()), configuration))
                throw;
            logger.warning(std::string("Going on without an optional notifier. ") + error.what());
        }
    }
}

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#include "plugin/plugin_set.h"

#include "plugin/option_keys.h"

#include <Poco/Logger.h>

#include <string_view>

namespace apbfarm::plugin {

bool isOptionalNotifier(const std::string& name, const util::ConfigValues& configuration)
{
    const auto value = configuration.find(optionPrefix<Notifier>(name) + "optional");
    return value != configuration.end() && flagOf(value->second.text).value_or(false);
}

void loadPlugins(PluginLoader& loader, const std::vector<std::string>& names, ExtensionCatalog& catalog,
                 const util::ConfigValues& configuration, Poco::Logger& logger)
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
    // The files of the others are not opened (G1), so their names must do.
    auto installed = loader.available();
    installed.insert(installed.end(), names.begin(), names.end());
    checkOptionKeys(catalog, installed, configuration);
}

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#include "app/config_check.h"

#include "app/farm.h"
#include "app/farm_config_error.h"
#include "app/install_paths.h"
#include "plugin/plugin_set.h"
#include "util/text.h"

#include <apbfarm/plugin.h>

#include <algorithm>

namespace apbfarm::app {

namespace {

template <class Extension>
void require(const plugin::ExtensionCatalog& catalog, const std::string& key, const std::string& name)
{
    const auto known = catalog.names<Extension>();
    if (std::ranges::find(known, name) == known.end())
        throw ConfigError(key + " = " + name + ": no loaded plugin offers it; there is " +
                          (known.empty() ? "none" : util::join(known, ", ")) + ". Add its plugin to plugins.load");
}

} // namespace

void checkPlugins(const FarmConfig& config, Poco::Logger& logger)
{
    plugin::PluginLoader loader(pluginDirectory(config));
    plugin::ExtensionCatalog catalog;
    const auto options = pluginConfiguration(config);
    plugin::loadPlugins(loader, config.plugins.load, catalog, *options, logger);
    require<Storage>(catalog, "storage", config.storage);
    for (const auto& name : config.authenticators)
        require<Authenticator>(catalog, "auth", name);
    require<Scheduler>(catalog, "scheduler", config.scheduler);
    for (const auto& name : config.notifiers)
        if (!plugin::isOptionalNotifier(name, *options))
            require<Notifier>(catalog, "notify", name);
    for (const auto& name : config.http.modules)
        require<HttpModule>(catalog, "http.modules", name);
}

} // namespace apbfarm::app

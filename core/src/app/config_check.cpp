// SPDX-License-Identifier: MIT
#include "app/config_check.h"

#include "app/farm.h"
#include "app/farm_config_error.h"
#include "app/install_paths.h"
#include "plugin/extension_options.h"
#include "plugin/plugin_set.h"
#include "util/text.h"

#include <apbfarm/plugin.h>

#include <algorithm>

namespace apbfarm::app {

namespace {

/// Extensions are there and take the options that are given for them.
class ExtensionCheck {
public:
    ExtensionCheck(const plugin::ExtensionCatalog& catalog, const ConfigValues& options)
        : catalog_(catalog), options_(options)
    {
    }

    template <class Extension> void require(const std::string& key, const std::string& name) const
    {
        const auto known = catalog_.names<Extension>();
        const auto* entry = catalog_.find<Extension>(name);
        if (!entry)
            throw ConfigError(key + " = " + name + ": no loaded plugin offers it; there is " +
                              (known.empty() ? "none" : util::join(known, ", ")) + ". Add its plugin to plugins.load");
        plugin::ExtensionOptions(plugin::optionPrefix<Extension>(name), entry->provider.options, options_);
    }

private:
    const plugin::ExtensionCatalog& catalog_;
    const ConfigValues& options_;
};

} // namespace

void checkPlugins(const FarmConfig& config, Poco::Logger& logger)
{
    plugin::PluginLoader loader(pluginDirectory(config));
    plugin::ExtensionCatalog catalog;
    const auto options = pluginConfiguration(config);
    plugin::loadPlugins(loader, config.plugins.load, catalog, options, logger);
    const ExtensionCheck check(catalog, options);
    check.require<Storage>("storage", config.storage);
    for (const auto& name : config.authenticators)
        check.require<Authenticator>("auth", name);
    check.require<Scheduler>("scheduler", config.scheduler);
    for (const auto& name : config.notifiers)
        if (!plugin::isOptionalNotifier(name, options))
            check.require<Notifier>("notify", name);
    for (const auto& name : config.http.modules)
        check.require<HttpModule>("http.modules", name);
}

} // namespace apbfarm::app

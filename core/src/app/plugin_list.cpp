// SPDX-License-Identifier: MIT
#include "app/plugin_list.h"

#include "app/install_paths.h"
#include "plugin/extension_catalog.h"
#include "plugin/plugin_loader.h"

#include <apbfarm/plugin.h>

#include <Poco/Util/Application.h>

#include <ostream>

namespace apbfarm::app {

int listPlugins(const FarmConfig& config, std::ostream& out)
{
    int code = Poco::Util::Application::EXIT_OK;
    plugin::PluginLoader loader(pluginDirectory(config));
    plugin::ExtensionCatalog catalog;
    for (const auto& name : loader.available()) {
        try {
            catalog.admit(loader.load(name));
        } catch (const plugin::PluginError& error) {
            out << name << ": " << error.what() << "\n";
            code = Poco::Util::Application::EXIT_CONFIG;
        }
    }
    out << catalog.describe();
    return code;
}

} // namespace apbfarm::app

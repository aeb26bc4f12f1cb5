// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/extension_host.h"
#include "plugin/plugin_set.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "util/secret_box.h"

#include <Poco/Logger.h>

#include <string>
#include <vector>

namespace apbfarm::test {

/// The bundled plugins as the farm runs them: real libraries, real host, a real database in a folder of the test.
struct BundledPlugins {
    void load(const std::vector<std::string>& names)
    {
        plugin::loadPlugins(loader, names, catalog, configuration, Poco::Logger::get("test"));
    }
    Storage& openStorage()
    {
        load({"storage-sqlite"});
        return host.createStorage("sqlite");
    }
    void set(const std::string& key, const std::string& value) { configuration[key] = {value, "the test"}; }

    TempDir dir;
    util::ConfigValues configuration;
    util::SystemClock clock;
    util::AesSecretBox secrets{std::string(32, 'k')};
    plugin::PluginLoader loader{buildDirectory() / "plugins"};
    plugin::ExtensionCatalog catalog;
    plugin::ExtensionHost host{catalog, configuration, secrets, dir.path().string(), clock};
};

inline bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace apbfarm::test

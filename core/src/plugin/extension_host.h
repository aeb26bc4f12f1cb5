// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/extension_catalog.h"
#include "plugin/plugin_guard.h"
#include "util/config_value.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::plugin {

/// Makes configured extensions from the catalog and owns them, their options, contexts and guards.
///
/// Used at start by one thread, the storage first. Extensions are destroyed in reverse order with the host, so it goes
/// after everything that calls them. Every `create` throws `PluginError` when nobody offers the name, when an option
/// is unknown or wrong, when the plugin throws or gives nothing, and when the name was created before.
class ExtensionHost final {
public:
    /// All arguments outlive the host. `stateDirectory` is handed to extensions with a trailing slash.
    ExtensionHost(const ExtensionCatalog& catalog, const util::ConfigValues& configuration, SecretBox& secrets,
                  std::string stateDirectory, const util::Clock& clock);
    ~ExtensionHost();
    ExtensionHost(const ExtensionHost&) = delete;
    ExtensionHost& operator=(const ExtensionHost&) = delete;

    /// Unguarded: a storage's own contract says what it throws.
    Storage& createStorage(const std::string& name);
    /// What extensions made from now on are given instead; it outlives them.
    void shareStorage(Storage& storage) { storage_ = &storage; }
    Authenticator& createAuthenticator(const std::string& name);
    Scheduler& createScheduler(const std::string& name);
    /// Null when it could not be created and `notify.<name>.optional` is true; the log says why.
    Notifier* createNotifier(const std::string& name);
    HttpModule& createHttpModule(const std::string& name);

    /// In the order of creation. Any thread.
    std::vector<GuardReport> reports() const;

private:
    class Context;
    struct Slot;

    template <class Extension> std::unique_ptr<Extension> create(const std::string& name, Slot& slot);
    template <class Extension> Slot& makeSlot(const std::string& name, std::chrono::microseconds slowAfter);
    template <class Extension> const CatalogEntry<Extension>& entryOf(const std::string& name) const;

    const ExtensionCatalog& catalog_;
    const util::ConfigValues& configuration_;
    SecretBox& secrets_;
    std::string stateDirectory_;
    const util::Clock& clock_;
    Storage* storage_ = nullptr;
    std::set<std::string> created_;   // "scheduler leastload"
    std::vector<std::unique_ptr<Slot>> slots_;
};

} // namespace apbfarm::plugin

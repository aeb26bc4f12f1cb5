// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/extension_point.h"
#include "plugin/plugin_error.h"

#include <list>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace apbfarm::plugin {

/// A provider and where it came from.
template <class Extension> struct CatalogEntry {
    Provider<Extension> provider;
    std::string plugin;              ///< "core" for what the farm registers itself
};

/// Everything that could be created, by extension point and name. Filled at start by one thread, then only read.
class ExtensionCatalog final : public ExtensionRegistry {
public:
    /// Lets a plugin describe itself. Nothing of it stays when that fails; throws `PluginError` then.
    void admit(const PluginManifest& plugin);

    void add(Provider<Scheduler> provider) override { insert(std::move(provider)); }
    void add(Provider<Authenticator> provider) override { insert(std::move(provider)); }
    void add(Provider<Notifier> provider) override { insert(std::move(provider)); }
    void add(Provider<Storage> provider) override { insert(std::move(provider)); }
    void add(Provider<HttpModule> provider) override { insert(std::move(provider)); }

    /// Null when nobody offers it.
    template <class Extension> const CatalogEntry<Extension>* find(std::string_view name) const
    {
        for (const auto& entry : entriesOf<Extension>())
            if (entry.provider.name == name)
                return &entry;
        return nullptr;
    }

    /// In the order of registration.
    template <class Extension> std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        for (const auto& entry : entriesOf<Extension>())
            names.push_back(entry.provider.name);
        return names;
    }

    /// Every provider with its options, their defaults, kinds and help, as text for people.
    std::string describe() const;

private:
    template <class Extension> using Entries = std::list<CatalogEntry<Extension>>;

    template <class Extension> const Entries<Extension>& entriesOf() const
    {
        return std::get<Entries<Extension>>(entries_);
    }
    template <class Extension> void insert(Provider<Extension> provider);
    void forget(const std::string& plugin);

    std::tuple<Entries<Storage>, Entries<Authenticator>, Entries<Scheduler>, Entries<Notifier>, Entries<HttpModule>>
        entries_;
    std::string registering_ = "core";
};

} // namespace apbfarm::plugin

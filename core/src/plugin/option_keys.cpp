// SPDX-License-Identifier: MIT
#include "plugin/option_keys.h"

#include "plugin/extension_options.h"
#include "plugin/plugin_set.h"
#include "util/closest_word.h"
#include "util/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <type_traits>

namespace apbfarm::plugin {

namespace {

/// What options may belong to.
struct Known {
    std::map<std::string, std::vector<std::string>> offered;   ///< by kind: "scheduler" has "leastload"
    std::set<std::string> loaded;                              ///< names of plugins
};

template <class Extension>
void checkOffered(const ExtensionCatalog& catalog, const util::ConfigValues& configuration, Known& known)
{
    for (const auto& name : catalog.names<Extension>()) {
        const auto& entry = *catalog.find<Extension>(name);
        known.offered[ExtensionPoint<Extension>::kind].push_back(name);
        known.loaded.insert(entry.plugin);
        if (!std::is_same_v<Extension, Notifier> || !isOptionalNotifier(name, configuration))
            ExtensionOptions(optionPrefix<Extension>(name), entry.provider.options, configuration);
    }
}

/// "fit" of "scheduler-fit".
std::string extensionOf(const std::string& plugin)
{
    return plugin.substr(plugin.find('-') + 1);
}

[[noreturn]] void refuse(const std::string& key, const util::ConfigValue& value, const std::string& name,
                         const std::vector<std::string>& offered)
{
    const auto kind = key.substr(0, key.find('.'));
    const auto meant = util::closestTo(name, offered);
    const auto rest = key.substr(kind.size() + 1 + name.size());
    throw PluginError(value.origin + ": unknown key '" + key + "': no plugin offers '" + kind + "." + name + "'"
                      + (meant.empty() ? ". Correct the name, install its plugin, or remove the line; apb-farm "
                                         "--list-plugins tells all names and options"
                                       : "; did you mean '" + kind + "." + meant + rest + "'?"));
}

} // namespace

void checkOptionKeys(const ExtensionCatalog& catalog, const std::vector<std::string>& installed,
                     const util::ConfigValues& configuration)
{
    Known known;
    checkOffered<Storage>(catalog, configuration, known);
    checkOffered<Authenticator>(catalog, configuration, known);
    checkOffered<Scheduler>(catalog, configuration, known);
    checkOffered<Notifier>(catalog, configuration, known);
    checkOffered<HttpModule>(catalog, configuration, known);
    std::set<std::string> dormant;
    for (const auto& plugin : installed)
        if (!known.loaded.contains(plugin))
            dormant.insert(extensionOf(plugin));

    for (const auto& [key, value] : configuration) {
        const auto pieces = util::splitList(key, '.');
        if (pieces.size() < 3 || dormant.contains(pieces[1]))
            continue;
        auto candidates = known.offered[pieces[0]];
        if (std::ranges::count(candidates, pieces[1]) > 0)
            continue;
        for (const auto& plugin : installed)
            if (plugin.starts_with(pieces[0] + "-"))
                candidates.push_back(extensionOf(plugin));
        refuse(key, value, pieces[1], candidates);
    }
}

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#include "facts.h"

#include "app/apb_json.h"
#include "app/farm_config_options.h"
#include "app/program_options.h"
#include "plugin/extension_catalog.h"
#include "plugin/plugin_loader.h"
#include "server_options.h"

#include <regex>

namespace apbfarm::manual {

namespace {

template <class Table> std::vector<Fact> commandLine(const Table& table)
{
    std::vector<Fact> facts;
    for (const auto& option : table)
        facts.push_back({option.name, option.argument, "", "", option.help});
    return facts;
}

template <class Extension> void addOptions(const plugin::ExtensionCatalog& catalog, std::vector<FactGroup>& groups)
{
    using Point = plugin::ExtensionPoint<Extension>;
    for (const auto& name : catalog.names<Extension>()) {
        const auto& entry = *catalog.find<Extension>(name);
        FactGroup group{"Of the " + std::string(Point::noun) + " " + name + ", plugin " + entry.plugin, {}};
        for (const auto& option : entry.provider.options)
            group.facts.push_back({plugin::optionPrefix<Extension>(name) + option.name, "", kindInWords(option),
                                   option.defaultValue, option.help});
        if (!group.facts.empty())
            groups.push_back(std::move(group));
    }
}

void addPlugins(const std::filesystem::path& directory, std::vector<FactGroup>& groups)
{
    plugin::PluginLoader loader(directory);
    plugin::ExtensionCatalog catalog;
    for (const auto& name : loader.available())
        catalog.admit(loader.load(name));
    addOptions<Storage>(catalog, groups);
    addOptions<Authenticator>(catalog, groups);
    addOptions<Scheduler>(catalog, groups);
    addOptions<Notifier>(catalog, groups);
    addOptions<HttpModule>(catalog, groups);
}

} // namespace

Facts gatherFacts(const std::filesystem::path& pluginDirectory)
{
    Facts facts;
    facts.farmOptions = commandLine(app::programOptions());
    facts.farmCommands = commandLine(app::programCommands());
    for (auto& command : facts.farmCommands)
        for (const auto& option : app::programOptions())
            if (option.command == command.name)
                command.type += (command.type.empty() ? "--" : " --") + option.name;
    facts.serverOptions = commandLine(server::serverOptions());
    for (const auto& group : app::farmOptions("~")) {
        facts.properties.push_back({group.title, {}});
        for (const auto& option : group.options)
            facts.properties.back().facts.push_back({option.key, "", option.type, option.defaultValue, option.help});
    }
    addPlugins(pluginDirectory, facts.properties);
    for (const auto& setting : app::apbJsonSettings())
        facts.jsonSettings.push_back({setting.path, "", setting.kind, "", setting.property});
    return facts;
}

std::vector<std::string> choicesIn(const std::string& help)
{
    static const std::regex list(R"((\w+)((?:, \w+)*) or (\w+)(?: \(\w+\))?)"), word(R"(\w+)");
    std::smatch parts;
    if (!std::regex_match(help, parts, list))
        return {};
    const auto rest = parts[2].str();
    std::vector<std::string> words{parts[1]};
    words.insert(words.end(), std::sregex_token_iterator(rest.begin(), rest.end(), word), {});
    words.push_back(parts[3]);
    return words;
}

} // namespace apbfarm::manual

// SPDX-License-Identifier: MIT
#include "plugin/extension_catalog.h"

#include "plugin/plugin_guard.h"

#include <set>
#include <stdexcept>
#include <type_traits>

namespace apbfarm::plugin {

namespace {

bool isPlain(std::string_view name, std::string_view allowed)
{
    return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

void checkOptions(const std::string& title, const std::vector<OptionSpec>& options)
{
    std::set<std::string> seen;
    for (const auto& option : options) {
        if (!isPlain(option.name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
            throw std::logic_error("The option '" + option.name + "' of " + title + " is not a plain word");
        if (!seen.insert(option.name).second)
            throw std::logic_error("The option '" + option.name + "' of " + title + " is declared twice");
        if (const auto expected = wrongWith(option, option.defaultValue))
            throw std::logic_error("The default of the option '" + option.name + "' of " + title + " is not " + *expected);
    }
}

template <class Extension> std::string titleOf(const Provider<Extension>& provider)
{
    return std::string("the ") + ExtensionPoint<Extension>::noun + " '" + provider.name + "'";
}

template <class Extension> void describeOne(const CatalogEntry<Extension>& entry, std::string& text)
{
    const auto& name = entry.provider.name;
    text += std::string(ExtensionPoint<Extension>::kind) + "." + name + " (" + entry.plugin + ")\n    " +
            entry.provider.summary + "\n";
    for (const auto& option : entry.provider.options)
        text += "    " + optionPrefix<Extension>(name) + option.name + " = " + option.defaultValue + "\n        " +
                option.help + " (" + kindInWords(option) + ")\n";
}

} // namespace

template <class Extension> void ExtensionCatalog::insert(Provider<Extension> provider)
{
    const auto title = titleOf(provider);
    if (!isPlain(provider.name, "abcdefghijklmnopqrstuvwxyz0123456789-"))
        throw std::logic_error("The name of " + title + " is not made of a-z, 0-9 and '-'");
    if (!provider.create)
        throw std::logic_error("There is no way to create " + title);
    if (const auto* taken = find<Extension>(provider.name))
        throw std::logic_error("There is " + title + " from " + taken->plugin + " already");
    if constexpr (std::is_same_v<Extension, Notifier>)
        provider.options.push_back(
            {"optional", "false", "Start without it when it cannot be loaded or created", OptionKind::Flag});
    checkOptions(title, provider.options);
    std::get<Entries<Extension>>(entries_).push_back({std::move(provider), registering_});
}

template void ExtensionCatalog::insert(Provider<Scheduler>);
template void ExtensionCatalog::insert(Provider<Authenticator>);
template void ExtensionCatalog::insert(Provider<Notifier>);
template void ExtensionCatalog::insert(Provider<Storage>);
template void ExtensionCatalog::insert(Provider<HttpModule>);

void ExtensionCatalog::admit(const PluginManifest& plugin)
{
    registering_ = plugin.name;
    try {
        plugin.registerExtensions(*this);
    } catch (...) {
        const auto reason = describeCurrentException();
        forget(registering_);
        const auto name = std::exchange(registering_, "core");
        throw PluginError(name + ".so failed while it registered: " + reason + ". Remove " + name +
                          " from plugins.load, or install a version that works.");
    }
    registering_ = "core";
}

void ExtensionCatalog::forget(const std::string& plugin)
{
    std::apply(
        [&](auto&... entries) {
            (entries.remove_if([&](const auto& entry) { return entry.plugin == plugin; }), ...);
        },
        entries_);
}

std::string ExtensionCatalog::describe() const
{
    std::string text;
    const auto all = [&](const auto& entries) {
        for (const auto& entry : entries)
            describeOne(entry, text);
    };
    std::apply([&](const auto&... entries) { (all(entries), ...); }, entries_);
    return text;
}

} // namespace apbfarm::plugin

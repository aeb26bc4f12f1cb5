// SPDX-License-Identifier: MIT
#include "plugin/extension_catalog.h"

#include "plugin/plugin_guard.h"

#include <charconv>
#include <set>
#include <stdexcept>

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
    }
}

template <class Extension> std::string titleOf(const Provider<Extension>& provider)
{
    return std::string("the ") + ExtensionPoint<Extension>::noun + " '" + provider.name + "'";
}

template <class Extension> void describeOne(const CatalogEntry<Extension>& entry, std::string& text)
{
    const std::string full = std::string(ExtensionPoint<Extension>::kind) + "." + entry.provider.name;
    text += full + " (" + entry.plugin + ")\n    " + entry.provider.summary + "\n";
    for (const auto& option : entry.provider.options)
        text += "    " + full + "." + option.name + " = " + option.defaultValue + "\n        " + option.help + " (" +
                valueKind(option) + ")\n";
}

} // namespace

std::string valueKind(const OptionSpec& option)
{
    const auto& value = option.defaultValue;
    if (value == "true" || value == "false")
        return "flag";
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() ? "number" : "text";
}

template <class Extension> void ExtensionCatalog::insert(Provider<Extension> provider)
{
    const auto title = titleOf(provider);
    if (!isPlain(provider.name, "abcdefghijklmnopqrstuvwxyz0123456789-"))
        throw std::logic_error("The name of " + title + " is not made of a-z, 0-9 and '-'");
    if (!provider.create)
        throw std::logic_error("There is no way to create " + title);
    if (const auto* taken = find<Extension>(provider.name))
        throw std::logic_error("There is " + title + " from " + taken->plugin + " already");
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

std::vector<std::string> ExtensionCatalog::optionPrefixes() const
{
    std::vector<std::string> prefixes;
    const auto collect = [&]<class Extension>(const Entries<Extension>& entries) {
        for (const auto& entry : entries)
            prefixes.push_back(std::string(ExtensionPoint<Extension>::kind) + "." + entry.provider.name + ".");
    };
    std::apply([&](const auto&... entries) { (collect(entries), ...); }, entries_);
    return prefixes;
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

// SPDX-License-Identifier: MIT
#include "plugin/extension_options.h"

#include "plugin/plugin_error.h"
#include "util/text.h"

#include <algorithm>
#include <stdexcept>

namespace apbfarm::plugin {

namespace {

std::string knownKeys(const std::string& prefix, const std::vector<OptionSpec>& declared)
{
    if (declared.empty())
        return "It has no options.";
    std::vector<std::string> names;
    for (const auto& option : declared)
        names.push_back(prefix + option.name);
    return "Known are: " + util::join(names, ", ") + ".";
}

} // namespace

ExtensionOptions::ExtensionOptions(std::string prefix, const std::vector<OptionSpec>& declared,
                                   const util::ConfigValues& configuration)
    : prefix_(std::move(prefix))
{
    for (const auto& option : declared)
        values_[option.name] = option.defaultValue;

    for (auto given = configuration.lower_bound(prefix_); given != configuration.end() && given->first.starts_with(prefix_);
         ++given) {
        const auto& [key, value] = *given;
        const auto known = std::ranges::find(declared, key.substr(prefix_.size()), &OptionSpec::name);
        if (known == declared.end())
            throw PluginError(value.origin + ": unknown key '" + key + "'. " + knownKeys(prefix_, declared));
        const auto text = util::trim(value.text);
        if (const auto expected = wrongWith(*known, text))
            throw PluginError(value.origin + ": " + key + " = '" + util::oneLine(text, 80) + "': expected " + *expected);
        values_[known->name] = text;
    }
}

std::string ExtensionOptions::getString(const std::string& key) const
{
    const auto value = values_.find(key);
    if (value == values_.end())
        throw std::logic_error("The option '" + prefix_ + key + "' was not declared by its provider");
    return value->second;
}

std::int64_t ExtensionOptions::getInt(const std::string& key) const
{
    if (const auto number = numberOf<std::int64_t>(getString(key)))
        return *number;
    refuse(key, "a whole number");
}

double ExtensionOptions::getDouble(const std::string& key) const
{
    if (const auto number = numberOf<double>(getString(key)))
        return *number;
    refuse(key, "a number");
}

bool ExtensionOptions::getBool(const std::string& key) const
{
    if (const auto flag = flagOf(getString(key)))
        return *flag;
    refuse(key, "'true' or 'false'");
}

void ExtensionOptions::refuse(const std::string& key, const char* expected) const
{
    const auto full = prefix_ + key;
    const auto detail = full + " must be " + expected + ", not '" + getString(key) + "'";
    throw InvalidInput(detail, "invalid_option", {{full, std::string("must be ") + expected}});
}

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#include "plugin/extension_options.h"

#include "plugin/plugin_error.h"
#include "util/text.h"

#include <Poco/Exception.h>
#include <Poco/Util/AbstractConfiguration.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace apbfarm::plugin {

namespace {

using Configuration = Poco::Util::AbstractConfiguration;

void collectKeys(const Configuration& configuration, const std::string& root, std::vector<std::string>& keys)
{
    Configuration::Keys children;
    configuration.keys(root, children);
    for (const auto& child : children) {
        const auto key = root + "." + child;
        if (configuration.hasProperty(key))
            keys.push_back(key);
        collectKeys(configuration, key, keys);
    }
}

std::string knownKeys(const std::string& prefix, const std::vector<OptionSpec>& declared)
{
    if (declared.empty())
        return "It has no options.";
    std::vector<std::string> names;
    for (const auto& option : declared)
        names.push_back(prefix + option.name);
    return "Known are: " + util::join(names, ", ") + ".";
}

template <class Number> bool parseWhole(const std::string& text, Number& number)
{
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stopped == end;
}

} // namespace

ExtensionOptions::ExtensionOptions(std::string prefix, const std::vector<OptionSpec>& declared,
                                   const Configuration& configuration)
    : prefix_(std::move(prefix))
{
    for (const auto& option : declared)
        values_[option.name] = option.defaultValue;

    std::vector<std::string> keys;
    collectKeys(configuration, prefix_.substr(0, prefix_.size() - 1), keys);
    for (const auto& key : keys) {
        const auto known = values_.find(key.substr(prefix_.size()));
        if (known == values_.end())
            throw PluginError("The configuration key '" + key + "' is not known. " + knownKeys(prefix_, declared));
        try {
            known->second = util::trim(configuration.getString(key));
        } catch (const Poco::Exception& error) {
            throw PluginError("The configuration key '" + key + "' cannot be read: " + error.displayText() + ".");
        }
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
    std::int64_t number = 0;
    if (!parseWhole(getString(key), number))
        refuse(key, "a whole number");
    return number;
}

double ExtensionOptions::getDouble(const std::string& key) const
{
    double number = 0;
    if (!parseWhole(getString(key), number) || !std::isfinite(number))
        refuse(key, "a number");
    return number;
}

bool ExtensionOptions::getBool(const std::string& key) const
{
    const auto word = util::toLower(getString(key));
    if (word == "true" || word == "yes" || word == "on" || word == "1")
        return true;
    if (word == "false" || word == "no" || word == "off" || word == "0")
        return false;
    refuse(key, "'true' or 'false'");
}

void ExtensionOptions::refuse(const std::string& key, const char* expected) const
{
    const auto full = prefix_ + key;
    const auto detail = full + " must be " + expected + ", not '" + getString(key) + "'";
    throw InvalidInput(detail, "invalid_option", {{full, std::string("must be ") + expected}});
}

} // namespace apbfarm::plugin

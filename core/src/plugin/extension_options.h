// SPDX-License-Identifier: MIT
#pragma once

#include "util/config_value.h"

#include <apbfarm/context.h>
#include <apbfarm/registry.h>

#include <map>
#include <string>
#include <vector>

namespace apbfarm::plugin {

/// The values of one extension: what the configuration says under `prefix`, else the declared default.
class ExtensionOptions final : public OptionView {
public:
    /// `prefix` is "scheduler.leastload." with its dot. Throws `PluginError` for a key that was not declared, with the
    /// declared ones, and for a value that is not of its kind, both with their place.
    ExtensionOptions(std::string prefix, const std::vector<OptionSpec>& declared,
                     const util::ConfigValues& configuration);

    std::string getString(const std::string& key) const override;
    std::int64_t getInt(const std::string& key) const override;
    double getDouble(const std::string& key) const override;
    bool getBool(const std::string& key) const override;

private:
    [[noreturn]] void refuse(const std::string& key, const char* expected) const;

    std::string prefix_;
    std::map<std::string, std::string> values_;
};

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>
#include <apbfarm/registry.h>

#include <map>
#include <string>
#include <vector>

namespace Poco::Util {
class AbstractConfiguration;
}

namespace apbfarm::plugin {

/// The values of one extension: what the configuration says under `prefix`, else the declared default.
class ExtensionOptions final : public OptionView {
public:
    /// `prefix` is "scheduler.leastload." with its dot. Throws `PluginError` for a key that was not declared, naming
    /// it and listing the declared ones.
    ExtensionOptions(std::string prefix, const std::vector<OptionSpec>& declared,
                     const Poco::Util::AbstractConfiguration& configuration);

    std::string getString(const std::string& key) const override;
    std::int64_t getInt(const std::string& key) const override;
    double getDouble(const std::string& key) const override;
    /// true, yes, on, 1 and their opposites, in any case.
    bool getBool(const std::string& key) const override;

private:
    [[noreturn]] void refuse(const std::string& key, const char* expected) const;

    std::string prefix_;
    std::map<std::string, std::string> values_;
};

} // namespace apbfarm::plugin

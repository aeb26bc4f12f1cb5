// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace Poco {
class Logger;
}

namespace apbfarm {

class Storage;

/// The options of one extension, under the names it declared. Declared defaults are filled in, unknown keys were
/// refused before. Each getter throws `InvalidInput` naming the full key when the value does not parse.
class APB_FARM_VISIBLE OptionView {
public:
    virtual ~OptionView() = default;

    virtual std::string getString(const std::string& key) const = 0;
    virtual std::int64_t getInt(const std::string& key) const = 0;
    virtual double getDouble(const std::string& key) const = 0;
    virtual bool getBool(const std::string& key) const = 0;
};

/// Seals small secrets with the farm's key, so that they can lie in the database.
class APB_FARM_VISIBLE SecretBox {
public:
    virtual ~SecretBox() = default;

    /// AES-256-GCM; `place` (table and row, for example) is bound to the result.
    virtual std::string seal(std::string_view secret, std::string_view place) = 0;
    /// Throws `InvalidInput` when it was sealed elsewhere or changed.
    virtual std::string open(std::string_view sealed, std::string_view place) = 0;
};

/// The only door from an extension to the farm. The context and all it gives outlive the extension.
class APB_FARM_VISIBLE ExtensionContext {
public:
    virtual ~ExtensionContext() = default;

    virtual const OptionView& config() const = 0;
    /// Named after the plugin.
    virtual Poco::Logger& logger() = 0;
    /// Throws std::logic_error while the storage itself is being created.
    virtual Storage& storage() = 0;
    virtual SecretBox& secrets() = 0;
    /// A private folder (mode 0700) for the farm's state; with a trailing slash.
    virtual std::string stateDirectory() const = 0;
};

} // namespace apbfarm

// SPDX-License-Identifier: MIT
#include "app/farm_config.h"

#include "app/farm_config_options.h"
#include "app/farm_config_values.h"
#include "fleet/server_secrets.h"
#include "plugin/extension_point.h"
#include "util/closest_word.h"
#include "util/ip_address.h"
#include "util/text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace apbfarm::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPropertiesVariable = "APB_FARM_PROPERTIES";
constexpr const char* kConfigVariable = "APB_FARM_CONFIG";
constexpr const char* kCredentialsVariable = "CREDENTIALS_DIRECTORY";
constexpr const char* kKeyCredential = "apb-farm.key";

/// Variables that stand for a setting.
constexpr std::array<std::pair<const char*, const char*>, 4> kVariables{{{"APB_FARM_HOST", "http.host"},
                                                                         {"APB_FARM_PORT", "http.port"},
                                                                         {"APB_FARM_DATABASE", "database.path"},
                                                                         {"APB_FARM_LOG_LEVEL", "log.level"}}};

/// An empty variable counts as not set.
std::string variable(const Environment& environment, const std::string& name)
{
    const auto place = environment.find(name);
    return place == environment.end() ? "" : place->second;
}

/// `scheduler.leastload.queueWeight`: a kind, a name and a key.
bool isPluginKey(const std::string& key)
{
    using plugin::ExtensionPoint;
    for (const std::string kind : {ExtensionPoint<Scheduler>::kind, ExtensionPoint<Authenticator>::kind,
                                   ExtensionPoint<Notifier>::kind, ExtensionPoint<Storage>::kind,
                                   ExtensionPoint<HttpModule>::kind, "http.module"}) {
        if (!key.starts_with(kind + "."))
            continue;
        const auto dot = key.find('.', kind.size() + 1);
        if (dot != key.npos && dot > kind.size() + 1 && dot + 1 < key.size())
            return true;
    }
    return false;
}

class Loader {
public:
    Loader(const CommandLine& commandLine, const Environment& environment, BuildServers servers)
        : commandLine_(commandLine), environment_(environment), servers_(servers), home_(variable(environment, "HOME"))
    {
    }

    FarmConfig load()
    {
        readPropertiesFile();
        readJsonFile();
        for (const auto& [name, key] : kVariables)
            if (const auto value = variable(environment_, name); !value.empty())
                values_[key] = {value, name};
        take(commandLine_.host, "http.host", "--host");
        take(commandLine_.port, "http.port", "--port");
        take(commandLine_.database, "database.path", "--database");
        take(commandLine_.logLevel, "log.level", "--log-level");
        applyAll();
        config_.auth.off = commandLine_.noAuth;
        config_.state.secretKey = findSecretKey();
        checkTogether();
        if (servers_ == BuildServers::Required && !config_.server.secretsFile.empty())
            checkServerSecrets();
        return std::move(config_);
    }

private:
    void take(const std::optional<std::string>& value, const char* key, const char* option)
    {
        if (value)
            values_[key] = {*value, option};
    }

    /// What a service manager hands over wins (LoadCredential= of systemd).
    fs::path findSecretKey() const
    {
        const auto credentials = variable(environment_, kCredentialsVariable);
        const auto given = fs::path(credentials) / kKeyCredential;
        std::error_code ignored;
        return !credentials.empty() && fs::exists(given, ignored) ? given : config_.state.directory / "secret.key";
    }

    fs::path expanded(const std::string& path) const
    {
        return path.starts_with("~/") && !home_.empty() ? fs::path(home_ + path.substr(1)) : fs::path(path);
    }

    void readPropertiesFile()
    {
        const auto named = commandLine_.properties.value_or(variable(environment_, kPropertiesVariable));
        if (!named.empty()) {
            config_.propertiesFile = expanded(named);
        } else {
            for (const auto* place : {"etc/apb-farm.properties", "/etc/apb-farm/apb-farm.properties"})
                if (std::error_code ignored; config_.propertiesFile.empty() && fs::is_regular_file(place, ignored))
                    config_.propertiesFile = place;
        }
        if (!config_.propertiesFile.empty())
            values_ = readProperties(config_.propertiesFile);
    }

    void readJsonFile()
    {
        const auto named = commandLine_.config.value_or(variable(environment_, kConfigVariable));
        const auto found = named.empty() ? findApbJson(".", home_) : expanded(named);
        if (!found && servers_ == BuildServers::Optional)
            return;
        if (!found)
            throw ConfigError("There is no apb.json, so no build server is known. Write one in ./, /etc/apb/, ~/.apb/ "
                              "or ~/.apb-farm/, or name it with --config. It needs at least "
                              "{\"servers\": {\"x86_64\": [\"http://server.example.com:8000\"]}}");
        auto json = readApbJson(*found);
        config_.jsonFile = found->lexically_normal();
        config_.servers = std::move(json.servers);
        config_.warnings = std::move(json.warnings);
        for (auto& [key, value] : json.settings)
            values_.insert_or_assign(key, std::move(value));
    }

    void applyAll()
    {
        std::vector<std::string> keys;
        for (const auto& group : farmOptions(home_))
            for (const auto& option : group.options) {
                apply(option, group.title);
                keys.push_back(option.key);
            }
        for (const auto& [key, value] : values_)
            if (isPluginKey(key))
                config_.pluginOptions[key] = value;
            else if (std::ranges::count(keys, key) == 0)
                refuseUnknown(key, value, keys);
    }

    void apply(const FarmOption& option, const std::string& group)
    {
        const auto place = values_.find(option.key);
        const ConfigValue standard{option.defaultValue, "default"};
        const auto& value = place == values_.end() ? standard : place->second;
        config_.values[option.key] = value.text;
        try {
            option.set(config_, value.text);
            config_.inForce.push_back({group, option.key, value.text, value.origin, option.help, place == values_.end()});
        } catch (const BadValue& error) {
            throw ConfigError(value.origin, option.key + " = '" + util::oneLine(value.text, 80) + "': expected "
                                                + error.what());
        }
    }

    [[noreturn]] static void refuseUnknown(const std::string& key, const ConfigValue& value,
                                           const std::vector<std::string>& known)
    {
        const auto meant = util::closestTo(key, known);
        throw ConfigError(value.origin, "unknown key '" + key + "'"
                                            + (meant.empty() ? "; etc/apb-farm.properties lists all of them"
                                                             : "; did you mean '" + meant + "'?"));
    }

    /// What is right by itself and wrong together.
    void checkTogether()
    {
        for (const auto& name : config_.plugins.optional)
            if (std::ranges::count(config_.plugins.load, name) == 0)
                throw ConfigError(originOf("plugins.optional"),
                                  "'" + name + "' is optional but not among plugins.load; add it there or take it out");
        if (config_.follow.lostGiveUpAfter < config_.follow.lostAfter)
            throw ConfigError(originOf("lost.giveUpAfter"), "lost.giveUpAfter is shorter than lost.after; a build must "
                                                            "be marked before it is given up");
        if (config_.limits.requestSize < config_.limits.fileSize)
            throw ConfigError(originOf("limits.requestSize"), "limits.requestSize is smaller than limits.fileSize; no "
                                                              "file of that size could ever arrive");
        if (config_.auth.off)
            config_.warnings.push_back("Authentication is switched off (--no-auth): whoever reaches this port is an "
                                       "administrator");
        if (!util::isLoopback(config_.http.host) && config_.http.trustedProxies.empty())
            config_.warnings.push_back("The farm listens on " + config_.http.host + " without TLS: passwords and tokens "
                                       "can be read on the way. Put a proxy with TLS before it and name that in "
                                       "http.trustedProxies, or listen on 127.0.0.1");
    }

    /// Only warns of a secret that no server is sent: it may be there before its server, or after it.
    void checkServerSecrets()
    {
        std::vector<std::string> urls;
        try {
            for (const auto& server : config_.servers)
                urls.push_back(fleet::plainUrl(fleet::parseServerUrl(server.url)));
            for (const auto& [url, secret] : fleet::readServerSecrets(config_.server.secretsFile))
                if (std::ranges::count(urls, url) == 0)
                    config_.warnings.push_back(unusedSecret(url, urls));
        } catch (const Error& error) {
            throw ConfigError(originOf("server.secretsFile"), std::string("server.secretsFile: ") + error.what());
        }
    }

    std::string unusedSecret(const std::string& url, const std::vector<std::string>& urls) const
    {
        const auto meant = util::closestTo(url, urls);
        return config_.server.secretsFile.string() + ": " + url + " is not a build server of "
               + config_.jsonFile.string() + ", so its secret is not used"
               + (meant.empty() ? "" : "; did you mean " + meant + "?");
    }

    std::string originOf(const std::string& key) const
    {
        const auto place = values_.find(key);
        return place == values_.end() ? key : place->second.origin;
    }

    const CommandLine& commandLine_;
    const Environment& environment_;
    const BuildServers servers_;
    const std::string home_;
    ConfigValues values_;
    FarmConfig config_;
};

} // namespace

Environment processEnvironment()
{
    Environment variables;
    for (char** entry = environ; *entry; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        if (name.starts_with("APB_FARM_") || name == "HOME" || name == kCredentialsVariable)
            variables[name] = text.substr(equals + 1);
    }
    return variables;
}

FarmConfig loadConfig(const CommandLine& commandLine, const Environment& environment, BuildServers servers)
{
    return Loader(commandLine, environment, servers).load();
}

} // namespace apbfarm::app

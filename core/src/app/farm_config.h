// SPDX-License-Identifier: MIT
#pragma once

#include "app/apb_json.h"
#include "app/properties_file.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::app {

enum class LogLevel { Debug, Info, Warning, Error, Critical };
enum class LogFormat { Text, Json };
enum class MetricsAccess { Loopback, Anyone, Admin };
enum class BootstrapMode { Default, None, Random };

/// All settings of a farm, checked and with units. Made once by `loadConfig`, then only read.
struct FarmConfig {
    using Milliseconds = std::chrono::milliseconds;
    using Names = std::vector<std::string>;

    struct Http {
        std::string host;
        std::uint16_t port = 0;              ///< 0: any free one
        std::string publicUrl;               ///< without trailing slash; for links in messages
        int loops = 0;                       ///< 0: one per core, at most 4
        int workers = 0;
        std::size_t maxConnections = 0, maxConnectionsPerAddress = 0;
        std::size_t maxStreams = 0, maxStreamsPerAddress = 0;
        Names trustedProxies;
        Names corsOrigins;
        Names modules;                       ///< names of HTTP modules
        MetricsAccess metricsAccess = MetricsAccess::Loopback;
    } http;

    struct Log {
        LogLevel level = LogLevel::Info;
        LogFormat format = LogFormat::Text;
    } log;

    struct State {
        std::filesystem::path directory;     ///< private: payloads, logs, artifacts, keys
        std::filesystem::path secretKey;     ///< file with the key that secrets are encrypted with
    } state;

    struct Database {
        std::filesystem::path path;
        Milliseconds backupInterval{};       ///< 0: no backups
    } database;

    struct Plugins {
        std::filesystem::path directory;     ///< empty: the one installed with the program
        Names load, optional;
    } plugins;

    std::string storage, scheduler;
    Names authenticators;                    ///< at least one; asked in this order
    Names notifiers;

    struct Limits {
        std::uint64_t fileSize = 0, requestSize = 0;         ///< bytes
        int submissionsPerMinute = 0;                        ///< of one user
        int queue = 0, queuePerUser = 0;                     ///< builds that wait
        int tokensPerUser = 0;
        int keepSourcesDays = 0;                                 ///< of builds that ended, for building them again
        std::uint64_t storageReserve = 0;                    ///< bytes kept free for builds already accepted
    } limits;

    struct Dispatch {
        Milliseconds interval{};             ///< upper bound between two looks at the queue
        bool holdOfflineArchitectures = false;
        Milliseconds maxWait{};              ///< of a queued build; 0: for as long as it takes
    } dispatch;

    struct Follow {
        Milliseconds statusInterval{}, logInterval{}, probeInterval{};
        Milliseconds notFoundGap{}, lostAfter{}, lostGiveUpAfter{}, missingAfter{};
        Milliseconds discoveryInterval{};
    } follow;

    struct Server {
        Milliseconds connectTimeout{}, answerTimeout{}, submitTimeout{}, stallTimeout{};
        std::uint64_t maxArtifact = 0;       ///< bytes
        std::string caFile;                  ///< empty: the system's
        std::filesystem::path secretsFile;   ///< empty: no server wants one
    } server;

    struct Auth {
        BootstrapMode bootstrap = BootstrapMode::Default;
        int tokenDays = 0;
        int absoluteDays = 0;                ///< 0: no such limit
        int maxLoginAttempts = 0;
        bool requireEmail = false;
        Milliseconds refusalTime{};          ///< of authenticators whose passwords are not the farm's
        Milliseconds tokenCleanupInterval{};
        bool off = false;                    ///< --no-auth; not a setting of any file
    } auth;

    struct Cache {
        bool enabled = true;
        int retentionDays = 0;               ///< 0: for ever
        Milliseconds cleanupInterval{};
        std::filesystem::path directory;     ///< of an older farm, to take files over from
        std::uint64_t maxSize = 0;           ///< bytes
    } cache;

    struct Notifications {
        bool enabled = true;
        bool admin = true;                   ///< administrators are told about trouble with servers
        Milliseconds retryDelay{30'000};     ///< before the second try of a message; then twice as long each time
    } notifications;

    struct Web {
        std::filesystem::path directory;     ///< empty: the one installed with the program
    } web;

    /// Every setting of the core as it is in force, for people.
    struct InForce {
        std::string group, key, value, origin, help;
        bool isDefault = true;
    };
    std::vector<InForce> inForce;

    std::vector<ServerEntry> servers;        ///< in configured order; at least one

    /// Options of plugins by full key, unchecked: the plugin host knows what each plugin takes.
    ConfigValues pluginOptions;

    std::filesystem::path jsonFile;
    std::filesystem::path propertiesFile;    ///< empty when there is none
    std::vector<std::string> warnings;       ///< sentences for the log
    std::map<std::string, std::string> values;   ///< every option of the core as text, for comparing
};

/// What was given on the command line; absent means not given.
struct CommandLine {
    std::optional<std::string> host, port, logLevel, config, database, properties;
    bool noAuth = false;
};

using Environment = std::map<std::string, std::string>;

/// Whether there must be an apb.json. What is about this machine alone does not need one.
enum class BuildServers { Required, Optional };

/// The variables of this process that the configuration looks at.
Environment processEnvironment();

/// Reads files and checks everything. The first source that names a setting wins: command line, `APB_FARM_HOST`,
/// `_PORT`, `_CONFIG`, `_DATABASE`, `_LOG_LEVEL`, `_PROPERTIES`, then apb.json, the properties file, the defaults.
/// `~` in paths is `HOME` of the environment. Throws `ConfigError`.
FarmConfig loadConfig(const CommandLine& commandLine, const Environment& environment,
                      BuildServers servers = BuildServers::Required);

} // namespace apbfarm::app

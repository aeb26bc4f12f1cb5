// SPDX-License-Identifier: MIT
#include "app/farm_config_options.h"

#include "app/farm_config_values.h"
#include "util/text.h"

#include <algorithm>
#include <set>
#include <utility>

namespace apbfarm::app {

namespace {

using namespace std::chrono_literals;
using Config = FarmConfig;
using std::chrono::milliseconds;

constexpr std::int64_t kMany = 1'000'000'000;
constexpr milliseconds kYear = 365 * 24h;

/// As browsers send it: scheme, host and perhaps a port.
bool isOrigin(std::string_view text)
{
    for (const std::string_view scheme : {"https://", "http://"})
        if (text.starts_with(scheme))
            return text.size() > scheme.size() &&
                   text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]", scheme.size()) == text.npos;
    return false;
}

/// Makes options; each takes the place in the configuration as a function that gives a reference.
class Make {
public:
    explicit Make(std::string home) : home_(std::move(home)) {}

    template <class Place> FarmOption text(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "text", standard, help, [place](Config& c, const std::string& v) { place(c) = v; }};
    }
    template <class Place> FarmOption url(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "URL", standard, help, [place](Config& c, const std::string& v) { place(c) = checkedUrl(v); }};
    }
    template <class Place> FarmOption name(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "name", standard, help, [place](Config& c, const std::string& v) {
                    if (v.empty() || v.find_first_of(", /") != v.npos)
                        throw BadValue("one name");
                    place(c) = v;
                }};
    }
    template <class Place> FarmOption list(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "list", standard, help,
                [place](Config& c, const std::string& v) { place(c) = util::splitList(v, ','); }};
    }
    /// Each once.
    template <class Place> FarmOption names(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "list", standard, help, [place](Config& c, const std::string& v) {
                    auto list = util::splitList(v, ',');
                    if (list.empty() || std::set(list.begin(), list.end()).size() != list.size())
                        throw BadValue("one or more names, each once");
                    place(c) = std::move(list);
                }};
    }
    template <class Place> FarmOption origins(std::string key, std::string help, Place place) const
    {
        return {key, "list", "", help, [place](Config& c, const std::string& v) {
                    auto list = util::splitList(v, ',');
                    if (!std::ranges::all_of(list, isOrigin))
                        throw BadValue("sites such as https://status.example.com, without a path");
                    place(c) = std::move(list);
                }};
    }
    template <class Place> FarmOption path(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "path", standard, help,
                [place, home = home_](Config& c, const std::string& v) { place(c) = expanded(v, home); }};
    }
    template <class Place> FarmOption flag(std::string key, bool standard, std::string help, Place place) const
    {
        return {key, "flag", standard ? "true" : "false", help,
                [place](Config& c, const std::string& v) { place(c) = parseFlag(v); }};
    }
    template <class Place>
    FarmOption number(std::string key, std::int64_t standard, std::int64_t least, std::int64_t most, std::string help,
                      Place place) const
    {
        return {key, "number", std::to_string(standard), help, [=](Config& c, const std::string& v) {
                    auto& target = place(c);
                    target = static_cast<std::remove_reference_t<decltype(target)>>(parseWhole(v, least, most));
                }};
    }
    template <class Place> FarmOption size(std::string key, std::string standard, std::string help, Place place) const
    {
        return {key, "size", standard, help, [place](Config& c, const std::string& v) { place(c) = parseSize(v); }};
    }
    template <class Place>
    FarmOption duration(std::string key, std::string standard, milliseconds least, std::string help, Place place) const
    {
        return {key, "duration", standard, help,
                [=](Config& c, const std::string& v) { place(c) = parseDuration(v, least, kYear); }};
    }
    template <class Place>
    FarmOption choice(std::string key, std::vector<std::string> words, std::size_t standard, std::string help,
                      Place place) const
    {
        return {key, util::join(words, " | "), words[standard], help, [place, words](Config& c, const std::string& v) {
                    auto& target = place(c);
                    target = static_cast<std::remove_reference_t<decltype(target)>>(parseChoice(v, words));
                }};
    }

private:
    static std::string checkedUrl(std::string text)
    {
        while (text.ends_with('/'))
            text.pop_back();
        if (!text.starts_with("http://") && !text.starts_with("https://"))
            throw BadValue("a URL that begins with http:// or https://");
        return text;
    }

    static std::filesystem::path expanded(const std::string& text, const std::string& home)
    {
        if (text != "~" && !text.starts_with("~/"))
            return text;
        if (home.empty())
            throw BadValue("a path without ~, because HOME is not set");
        return home + text.substr(1);
    }

    std::string home_;
};

// Where an option lives in the configuration.
#define APB_FARM_AT(member) [](Config& c) -> auto& { return c.member; }

FarmOptionGroup listening(const Make& make)
{
    return {"Listening",
            {make.text("http.host", "0.0.0.0", "Address to listen on; 127.0.0.1 for this machine only.",
                       APB_FARM_AT(http.host)),
             make.number("http.port", 8080, 0, 65535, "Port to listen on; 0 takes any free one.",
                         APB_FARM_AT(http.port)),
             make.url("http.publicUrl", "http://localhost:8080", "Where people reach the farm; for links in messages.",
                      APB_FARM_AT(http.publicUrl)),
             make.list("http.trustedProxies", "", "Addresses of reverse proxies whose X-Forwarded-For counts.",
                       APB_FARM_AT(http.trustedProxies)),
             make.origins("http.corsOrigins",
                          "Other sites whose pages may read answers with a token, such as https://status.example.com.",
                          APB_FARM_AT(http.corsOrigins)),
             make.number("http.loops", 0, 0, 64, "Event-loop threads; 0: one per core, at most 4.",
                         APB_FARM_AT(http.loops)),
             make.number("http.workers", 64, 1, 1024, "Threads that work on requests, at most.",
                         APB_FARM_AT(http.workers)),
             make.number("http.maxConnections", 20000, 1, 1'000'000, "Open connections at most.",
                         APB_FARM_AT(http.maxConnections)),
             make.number("http.maxConnectionsPerAddress", 256, 1, 1'000'000,
                         "Of one client address; loopback and trusted proxies are exempt.",
                         APB_FARM_AT(http.maxConnectionsPerAddress)),
             make.number("http.maxStreams", 5000, 1, 1'000'000, "Live event streams at most.",
                         APB_FARM_AT(http.maxStreams)),
             make.number("http.maxStreamsPerAddress", 8, 1, 1'000'000,
                         "Of one client address; loopback and trusted proxies are exempt.",
                         APB_FARM_AT(http.maxStreamsPerAddress)),
             make.choice("http.metricsAccess", {"loopback", "anyone", "admin"}, 0,
                         "Who may read /metrics besides administrators: programs on this machine, anyone, or nobody.",
                         APB_FARM_AT(http.metricsAccess)),
             make.path("web.directory", "",
                       "Templates and static files of the pages; empty: those installed with the program.",
                       APB_FARM_AT(web.directory))}};
}

FarmOptionGroup keeping(const Make& make)
{
    return {"What is kept where",
            {make.path("database.path", "~/.apb/farm.db", "The database file; one of an existing farm is taken over.",
                       APB_FARM_AT(database.path)),
             make.duration("database.backupInterval", "0s", 0ms, "Time between two backups of the database; 0s: none.",
                           APB_FARM_AT(database.backupInterval)),
             make.path("state.directory", "~/.apb-farm/state", "Private folder for uploads, logs, packages and keys.",
                       APB_FARM_AT(state.directory)),
             make.flag("cache.enabled", true, "Keep packages and logs of finished builds on the farm; without, they go after a day.",
                       APB_FARM_AT(cache.enabled)),
             make.number("cache.retentionDays", 30, 0, 36500, "How long they are kept; 0: for ever.",
                         APB_FARM_AT(cache.retentionDays)),
             make.size("cache.maxSize", "10240MB", "Together at most, the oldest go first; 0: no limit.",
                       APB_FARM_AT(cache.maxSize)),
             make.duration("cache.cleanupInterval", "1h", 1ms, "Time between two looks for those to remove.",
                           APB_FARM_AT(cache.cleanupInterval)),
             make.path("cache.directory", "~/.apb/cache",
                       "Cache of an older farm, from which files of finished builds are adopted.",
                       APB_FARM_AT(cache.directory)),
             make.choice("log.level", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}, 1, "What goes to the log.",
                         APB_FARM_AT(log.level)),
             make.choice("log.format", {"text", "json"}, 0, "One line of text or one JSON object per event.",
                         APB_FARM_AT(log.format))}};
}

FarmOptionGroup plugins(const Make& make)
{
    return {"Plugins",
            {make.path("plugins.dir", "", "Folder of the plugin libraries; empty: the one installed with the program.",
                       APB_FARM_AT(plugins.directory)),
             make.list("plugins.load", "storage-sqlite, scheduler-leastload, auth-local, notify-smtp",
                       "Names of the plugins to load.", APB_FARM_AT(plugins.load)),
             make.list("plugins.optional", "", "Of these, the ones without which the farm starts all the same.",
                       APB_FARM_AT(plugins.optional)),
             make.name("storage", "sqlite", "Where data lives.", APB_FARM_AT(storage)),
             make.name("scheduler", "leastload", "Chooses the server of a build.", APB_FARM_AT(scheduler)),
             make.names("auth", "local",
                        "Check names and passwords, asked in this order until one recognises somebody: local, ldap, pam.",
                        APB_FARM_AT(authenticators)),
             make.list("notify", "smtp", "Deliver messages; none when empty.", APB_FARM_AT(notifiers)),
             make.list("http.modules", "smtp", "Further HTTP APIs; none when empty.", APB_FARM_AT(http.modules))}};
}

FarmOptionGroup limits(const Make& make)
{
    return {"Limits",
            {make.size("limits.fileSize", "100MB", "One uploaded file.", APB_FARM_AT(limits.fileSize)),
             make.size("limits.requestSize", "500MB", "One submission with all its files.",
                       APB_FARM_AT(limits.requestSize)),
             make.number("limits.submissionsPerMinute", 60, 1, kMany, "Of one user.",
                         APB_FARM_AT(limits.submissionsPerMinute)),
             make.number("limits.queue", 100000, 1, kMany, "Builds that wait.", APB_FARM_AT(limits.queue)),
             make.number("limits.queuePerUser", 10000, 1, kMany, "Builds of one user that wait.",
                         APB_FARM_AT(limits.queuePerUser)),
             make.number("limits.tokensPerUser", 50, 1, kMany, "Sessions of one user; one more ends the idlest.",
                         APB_FARM_AT(limits.tokensPerUser)),
             make.number("limits.keepSourcesDays", 14, 0, 36500,
                         "How long the sources of builds that ended are kept, for building them again.",
                         APB_FARM_AT(limits.keepSourcesDays)),
             make.size("limits.storageReserve", "256MB",
                       "Disk space that new submissions leave to builds already accepted.",
                       APB_FARM_AT(limits.storageReserve))}};
}

FarmOptionGroup accounts(const Make& make)
{
    return {"Accounts and messages",
            {make.choice("auth.bootstrap", {"default", "none", "random"}, 0,
                         "The first administrator: admin/admin123 (usable on this machine only until changed), none, "
                         "or admin with a password that is written to the log once.",
                         APB_FARM_AT(auth.bootstrap)),
             make.number("auth.tokenDays", 10, 1, 3650, "A session ends after so many days without use.",
                         APB_FARM_AT(auth.tokenDays)),
             make.number("auth.absoluteDays", 90, 0, 36500, "And so many days after log-in; 0: never.",
                         APB_FARM_AT(auth.absoluteDays)),
             make.number("auth.maxLoginAttempts", 5, 1, 1000, "Failed log-ins before further ones are delayed.",
                         APB_FARM_AT(auth.maxLoginAttempts)),
             make.duration("auth.refusalTime", "200ms", 0ms,
                           "A refusal by a directory or by PAM takes at least so long, so that its speed tells nothing.",
                           APB_FARM_AT(auth.refusalTime)),
             make.flag("auth.requireEmail", false, "New accounts need an e-mail address, and none can be removed.",
                       APB_FARM_AT(auth.requireEmail)),
             make.duration("tokens.cleanupInterval", "3600s", 1ms, "Time between two removals of expired sessions.",
                           APB_FARM_AT(auth.tokenCleanupInterval)),
             make.flag("notifications.enabled", true, "Send messages at all.", APB_FARM_AT(notifications.enabled)),
             make.flag("notifications.admin", true, "Mail administrators with an address about servers, disk, backups and lost builds.",
                       APB_FARM_AT(notifications.admin)),
             make.duration("notifications.retryDelay", "30s", 1ms,
                           "Before a message that did not arrive is tried again; twice as long each time, for a day.",
                           APB_FARM_AT(notifications.retryDelay))}};
}

FarmOptionGroup building(const Make& make)
{
    return {"Building",
            {make.flag("queue.holdOfflineArchitectures", false,
                       "Queue builds for architectures none of whose servers answers, instead of skipping them.",
                       APB_FARM_AT(dispatch.holdOfflineArchitectures)),
             make.duration("queue.maxWait", "0s", 0ms,
                           "A build that waited so long for a server fails; 0s: it waits on.",
                           APB_FARM_AT(dispatch.maxWait)),
             make.duration("dispatch.interval", "5s", 1ms, "Upper bound between two looks at the queue.",
                           APB_FARM_AT(dispatch.interval)),
             make.duration("follow.statusInterval", "5s", 1ms, "Between two questions about a running build.",
                           APB_FARM_AT(follow.statusInterval)),
             make.duration("follow.logInterval", "1s", 1ms, "Between two questions for new log lines.",
                           APB_FARM_AT(follow.logInterval)),
             make.duration("follow.probeInterval", "15s", 1ms, "Between two questions how a server does.",
                           APB_FARM_AT(follow.probeInterval)),
             make.duration("settle.notFoundGap", "60s", 1ms,
                           "Between the two answers that prove that a server does not have a build.",
                           APB_FARM_AT(follow.notFoundGap)),
             make.duration("lost.after", "600s", 1ms, "Without an answer of its server a build is marked.",
                           APB_FARM_AT(follow.lostAfter)),
             make.duration("lost.giveUpAfter", "1800s", 1ms, "Without an answer of its server a build fails.",
                           APB_FARM_AT(follow.lostGiveUpAfter)),
             make.duration("missing.after", "900s", 1ms, "A build that its server no longer knows fails.",
                           APB_FARM_AT(follow.missingAfter)),
             make.duration("discovery.interval", "300s", 1ms,
                           "Between two looks for builds started on a server directly.",
                           APB_FARM_AT(follow.discoveryInterval))}};
}

FarmOptionGroup servers(const Make& make)
{
    return {"Calls to build servers",
            {make.duration("server.connectTimeout", "5s", 1ms, "To get a connection.",
                           APB_FARM_AT(server.connectTimeout)),
             make.duration("server.answerTimeout", "10s", 1ms, "For a whole small request.",
                           APB_FARM_AT(server.answerTimeout)),
             make.duration("server.submitTimeout", "120s", 1ms, "From the end of an upload to its answer.",
                           APB_FARM_AT(server.submitTimeout)),
             make.duration("server.stallTimeout", "60s", 1ms, "Without a byte in a transfer.",
                           APB_FARM_AT(server.stallTimeout)),
             make.size("server.maxArtifact", "4GB", "The largest package that is fetched.",
                       APB_FARM_AT(server.maxArtifact)),
             make.text("server.caFile", "", "Certificate authorities for https servers; empty: the system's.",
                       APB_FARM_AT(server.caFile)),
             make.path("server.secretsFile", "",
                       "JSON file with the secrets of build servers by their URL; empty: they want none.",
                       APB_FARM_AT(server.secretsFile))}};
}

#undef APB_FARM_AT

} // namespace

std::vector<FarmOptionGroup> farmOptions(const std::string& home)
{
    const Make make(home);
    return {listening(make), keeping(make), plugins(make), limits(make), accounts(make), building(make), servers(make)};
}

void takeLiveOptions(FarmConfig& config, const FarmConfig& fresh)
{
    config.servers = fresh.servers;
    config.http.metricsAccess = fresh.http.metricsAccess;
    config.log.level = fresh.log.level;
    config.database.backupInterval = fresh.database.backupInterval;
    config.cache.retentionDays = fresh.cache.retentionDays;
    config.cache.maxSize = fresh.cache.maxSize;
    config.cache.cleanupInterval = fresh.cache.cleanupInterval;
    config.limits.keepSourcesDays = fresh.limits.keepSourcesDays;
    config.limits.queue = fresh.limits.queue;
    config.limits.queuePerUser = fresh.limits.queuePerUser;
    config.limits.submissionsPerMinute = fresh.limits.submissionsPerMinute;
    config.auth.tokenCleanupInterval = fresh.auth.tokenCleanupInterval;
    config.dispatch = fresh.dispatch;
    config.follow = fresh.follow;
}

std::vector<std::string> optionsThatNeedRestart(const FarmConfig& config, const FarmConfig& fresh)
{
    static const std::set<std::string> live{
        "http.metricsAccess", "log.level", "database.backupInterval", "cache.retentionDays", "cache.maxSize",
        "cache.cleanupInterval", "limits.keepSourcesDays", "limits.queue", "limits.queuePerUser",
        "limits.submissionsPerMinute", "tokens.cleanupInterval", "queue.holdOfflineArchitectures", "queue.maxWait",
        "dispatch.interval", "follow.statusInterval", "follow.logInterval", "follow.probeInterval", "settle.notFoundGap",
        "lost.after", "lost.giveUpAfter", "missing.after", "discovery.interval"};
    std::set<std::string> keys;
    for (const auto& [key, value] : fresh.values)
        if (!live.contains(key) && config.values.at(key) != value)
            keys.insert(key);
    const auto compare = [&](const ConfigValues& one, const ConfigValues& other) {
        for (const auto& [key, value] : one)
            if (const auto found = other.find(key); found == other.end() || found->second.text != value.text)
                keys.insert(key);
    };
    compare(config.pluginOptions, fresh.pluginOptions);
    compare(fresh.pluginOptions, config.pluginOptions);
    return {keys.begin(), keys.end()};
}

std::string describeOptions()
{
    std::string text;
    for (const auto& group : farmOptions("~")) {
        text += "\n# " + group.title + "\n";
        for (const auto& option : group.options)
            text += "\n# " + option.help + " (" + option.type + ")\n" + option.key + " ="
                    + (option.defaultValue.empty() ? "" : " " + option.defaultValue) + "\n";
    }
    return text;
}

} // namespace apbfarm::app

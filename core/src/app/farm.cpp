// SPDX-License-Identifier: MIT
#include "app/farm.h"

#include "api/openapi.h"
#include "app/install_paths.h"
#include "app/live_settings.h"
#include "http/error_mapping.h"
#include "http/listener.h"
#include "plugin/plugin_set.h"
#include "util/durable_file.h"

#include <Poco/Message.h>

#include <algorithm>
#include <utility>

namespace apbfarm::app {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kHousekeeping{60};
constexpr std::chrono::seconds kOutboxPause{5};
constexpr std::chrono::seconds kWatchPause{5};
/// A backup that failed is tried again after so long, or earlier when it is due.
constexpr std::chrono::minutes kBackupRetry{5};
constexpr std::chrono::hours kBetweenWarnings{1};
/// Not in the busy moments of a start.
constexpr std::chrono::minutes kFirstCleaning{1};
/// A submission stores its payload before its row; what is younger than this may belong to one under way.
constexpr std::chrono::hours kUnusedPayloadAge{1};

/// The state directory is made before anything is put into it (O2).
std::filesystem::path preparedKey(const FarmConfig::State& state)
{
    util::makePrivateDirectory(state.directory);
    return state.secretKey;
}

service::Bootstrap bootstrapOf(BootstrapMode mode)
{
    switch (mode) {
    case BootstrapMode::None: return service::Bootstrap::None;
    case BootstrapMode::Random: return service::Bootstrap::Random;
    default: return service::Bootstrap::Default;
    }
}

} // namespace

Poco::AutoPtr<Poco::Util::MapConfiguration> pluginConfiguration(const FarmConfig& config)
{
    Poco::AutoPtr<Poco::Util::MapConfiguration> options(new Poco::Util::MapConfiguration);
    for (const auto& [key, value] : config.pluginOptions)
        options->setString(key, value.text);
    for (const auto& name : config.plugins.optional)
        if (name.starts_with("notify-"))
            options->setString("notify." + name.substr(7) + ".optional", "true");
    return options;
}

namespace {

/// `--database` and `database.path` are settings of the farm; a storage that keeps its data in one file takes them as `path`.
void giveDatabasePath(const FarmConfig& config, const plugin::ExtensionCatalog& catalog,
                      Poco::Util::AbstractConfiguration& options)
{
    const auto* entry = catalog.find<Storage>(config.storage);
    const auto key = "storage." + config.storage + ".path";
    const bool takesPath = entry && std::ranges::any_of(entry->provider.options, [](const OptionSpec& option) { return option.name == "path"; });
    if (takesPath && !options.has(key))
        options.setString(key, config.database.path.string());
}

} // namespace

Farm::Farm(const FarmConfig& config, Poco::Logger& logger, std::function<void()> fail)
    : config_(config), live_(config), logger_(logger), fail_(std::move(fail)),
      secrets_(util::AesSecretBox::fromFile(preparedKey(config.state))),
      pluginOptions_(pluginConfiguration(config)), loader_(pluginDirectory(config)),
      spool_(config.state.directory / "payloads"), artifacts_(config.state.directory / "artifacts"),
      logs_(config.state.directory / "logs"), streams_(logs_),
      throttle_(clock_, {.freeFailures = config.auth.maxLoginAttempts})
{
    // Before anything is changed: the other farm, whose database this is, may still be running.
    if (config_.http.port != 0)
        http::listenOn(config_.http.host, config_.http.port, true);
    createExtensions();
    createServices();
    startBackgroundWork();
    declareRoutes();
    startMetrics();
    startHousekeeping();
    gate_ = std::make_unique<api::SessionGate>(*sessions_, api::GateOptions{config_.http.publicUrl});
    server_ = std::make_unique<http::HttpServer>(
        serverOptions(), router_, *gate_,
        [this](const auto& error, const auto& request, auto& response) { renderError(error, request, response); },
        [this](const auto& record) { observe(record); });
}

void Farm::createExtensions()
{
    plugin::loadPlugins(loader_, config_.plugins.load, catalog_, *pluginOptions_, logger_);
    giveDatabasePath(config_, catalog_, *pluginOptions_);
    extensions_ = std::make_unique<plugin::ExtensionHost>(catalog_, *pluginOptions_, secrets_,
                                                          config_.state.directory.string() + "/", clock_);
    storage_ = &extensions_->createStorage(config_.storage);
    authenticator_ = &extensions_->createAuthenticator(config_.authenticator);
    scheduler_ = &extensions_->createScheduler(config_.scheduler);
    for (const auto& name : config_.notifiers)
        if (auto* notifier = extensions_->createNotifier(name); notifier && config_.notifications.enabled)
            notifiers_.push_back(notifier);
    for (const auto& name : config_.http.modules)
        modules_.push_back(&extensions_->createHttpModule(name));
}

void Farm::createServices()
{
    fleet_ = std::make_unique<fleet::Fleet>(serversOf(config_), clock_);
    ledger_ = std::make_unique<service::BuildLedger>(storage_->builds(), clock_, policyOf(config_));
    payloads_ = std::make_unique<service::Payloads>(storage_->builds(), spool_);
    remoteFiles_ = std::make_unique<service::RemoteFiles>(
        service::RemoteFiles::Parts{*fleet_, storage_->builds(), artifacts_, logs_, clock_},
        service::RemoteFiles::Settings{.client = clientOptionsOf(config_)});
    repositories_ = std::make_unique<service::RepositoryService>(storage_->repositories(), storage_->audit(), clock_);
    retention_ = std::make_unique<service::ArtifactRetention>(storage_->artifacts(), artifacts_, clock_, retentionPolicy());
    builds_ = std::make_unique<service::BuildService>(*ledger_, storage_->builds(), queue_, *fleet_, spool_,
                                                      storage_->audit(), clock_, submitLimitsOf(config_),
                                                      [this](const auto& entries, const auto& pkgname) {
                                                          return repositories_->forServers(entries, pkgname);
                                                      },
                                                      &arriving_);
    notifications_ = std::make_unique<service::NotificationService>(storage_->users(), storage_->outbox(), notifiers_,
                                                                    clock_, config_.http.publicUrl);
    alerts_ = std::make_unique<service::AdminAlerts>(*notifications_, storage_->settings(), clock_, alertOptions());
    watch_ = std::make_unique<service::FarmWatch>(*alerts_, *fleet_, spool_, config_.limits.storageReserve);
    sessions_ = std::make_unique<service::SessionService>(
        storage_->users(), storage_->tokens(), storage_->audit(), *authenticator_, passwords_, throttle_, clock_,
        service::SessionOptions{config_.auth.tokenDays, config_.auth.absoluteDays, config_.limits.tokensPerUser,
                                config_.auth.off});
    bootstrap_ = std::make_unique<service::BootstrapAdmin>(storage_->users(), storage_->audit(), *authenticator_,
                                                           passwords_, clock_, logger_,
                                                           bootstrapOf(config_.auth.bootstrap));
    users_ = std::make_unique<service::UserService>(
        service::UserService::Parts{storage_->users(), storage_->audit(), *authenticator_, passwords_, *sessions_,
                                    *notifications_, clock_, config_.auth.requireEmail});
    const auto administrator = bootstrap_->start([this](const User& user) { sessions_->userChanged(user); });
    // Without authentication everybody is that account, from the first request on.
    if (config_.auth.off)
        administrator.wait();
}

void Farm::startBackgroundWork()
{
    outbox_ = std::make_unique<util::Worker>(
        "outbox", tasks_.watched("outbox", "Gives messages to the notifiers", [this] {
            return notifications_->deliverDue() > 0 ? milliseconds(100) : milliseconds(kOutboxPause);
        }),
        reporter());
    ledger_->onConclude([this](const Build& build) { return notifications_->forConcluded(build); });
    ledger_->onAction([this](const Build& build, life::Action action) { flow_->take(build, action); });
    createCare();
    changes_ = std::make_shared<api::ChangeFeed>(
        clock_, [this] {
            care_->observe();
            return api::fingerprintOf(*fleet_) ^ (queue_.size() << 20);
        }, reporter());
    ledger_->onChange([this](const Build& build) { changes_->changed(build.id); });
    flow_ = std::make_unique<dispatch::BuildFlow>(
        dispatch::BuildFlow::Parts{*ledger_, queue_, *fleet_, *scheduler_, *payloads_, logs_, streams_, artifacts_, clock_, tasks_},
        flowSettingsOf(config_), reporter(), [this](const Build& build) {
            alerts_->buildEnded(build);
            if (fleet_->hasRetired())
                housekeeping_->wake();
            tally_.concluded(build);
            outbox_->wake();
        });
    spool_.sweepTemporaries();
    artifacts_.sweepTemporaries();
    if (config_.cache.enabled)
        adoption_ = std::make_unique<service::CacheAdoption>(
            service::CacheAdoption::Parts{storage_->foreignFiles(), storage_->builds(), artifacts_, logger_},
            config_.cache.directory, config_.limits.storageReserve);
    if (const auto live = ledger_->recover(); live > 0)
        logger_.information("Took up " + std::to_string(live) + " builds from before the start");
    flow_->startDiscovery();
}

void Farm::scheduleBackups(milliseconds interval)
{
    if (interval <= milliseconds(0))
        return backups_.reset();
    if (backups_)
        return backups_->wake();
    backups_ = std::make_unique<util::Worker>(
        "backup", tasks_.watched("backup", "Copies the database", [this] { return backUp(); }), reporter());
}

void Farm::startHousekeeping()
{
    reloadTask();   // shown from the start
    scheduleBackups(config_.database.backupInterval);
    cacheCleaning_ = std::make_unique<util::Worker>(
        "cache",
        [this, first = true]() mutable -> std::optional<milliseconds> {
            const auto pause = config_.cache.cleanupInterval;
            if (std::exchange(first, false))
                return std::min<milliseconds>(pause, kFirstCleaning);
            cleanCache();
            return pause;
        },
        reporter());
    housekeeping_ = std::make_unique<util::Worker>(
        "housekeeping",
        tasks_.watched("housekeeping", "Looks after sessions, uploads and builds on servers that are gone",
                       [this] { return housekeep(); }),
        reporter());
    watching_ = std::make_unique<util::Worker>(
        "watch",
        tasks_.watched("unavailable", "Watches for servers that are away and other trouble, and tells administrators",
                       [this] {
                           watch_->look();
                           return milliseconds(kWatchPause);
                       }),
        reporter());
}

Farm::~Farm()
{
    remoteFiles_->stop();
    server_->stop();
    flow_->stop();
}

util::Worker::OnError Farm::reporter()
{
    return [this](const std::string& what) { logger_.error(what); };
}

service::RetentionPolicy Farm::retentionPolicy() const
{
    service::RetentionPolicy policy;
    // Files always come through the farm; without a cache they stay only until clients have fetched them.
    policy.keep = config_.cache.enabled ? std::chrono::days(config_.cache.retentionDays) : std::chrono::days(1);
    policy.maxBytes = config_.cache.maxSize;
    // The first file of a build may wait so long for its last.
    policy.untouched = config_.follow.lostGiveUpAfter + kUnusedPayloadAge;
    return policy;
}

service::ArtifactRetention::Removed Farm::cleanCache()
{
    auto& task = tasks_.task("cache", "Removes kept files that are too old or too many");
    const auto removed = task.run([this] { return retention_->cleanUp(); });
    task.nextIn(config_.cache.cleanupInterval);
    return removed;
}

http::ServerOptions Farm::serverOptions()
{
    http::ServerOptions options;
    options.host = config_.http.host;
    options.port = config_.http.port;
    options.loops = config_.http.loops;
    options.workers = config_.http.workers;
    options.maxConnections = config_.http.maxConnections;
    options.maxConnectionsPerAddress = config_.http.maxConnectionsPerAddress;
    options.maxStreams = config_.http.maxStreams;
    options.maxStreamsPerAddress = config_.http.maxStreamsPerAddress;
    options.maxFormBody = config_.limits.requestSize;
    options.maxFormFile = config_.limits.fileSize;
    options.temporaryDirectory = spool_.temporaryDirectory();
    options.trustedProxies = config_.http.trustedProxies;
    options.corsOrigins = config_.http.corsOrigins;
    options.headers = api::browserHeaders();
    options.watchSpooling = [this](const std::string& part, int descriptor) {
        return part == "build_tarball" ? arriving_.watch(descriptor) : http::SpoolProgress();
    };
    return options;
}

void Farm::declareRoutes()
{
    const auto adoptFirst = [this](const BuildId& id) {
        if (adoption_)
            adoption_->adopt(id);
    };
    reader_ = std::make_unique<api::BuildReader>(*ledger_, queue_, storage_->builds(), logs_, adoptFirst);
    buildRoutes_ = std::make_unique<api::BuildRoutes>(*builds_, *reader_, storage_->builds(), logs_, streams_, artifacts_,
                                                     *remoteFiles_);
    historyRoutes_ = std::make_unique<api::HistoryRoutes>(storage_->builds());
    authRoutes_ = std::make_unique<api::AuthRoutes>(*sessions_);
    userRoutes_ = std::make_unique<api::UserRoutes>(*users_, storage_->builds());
    repositoryRoutes_ = std::make_unique<api::RepositoryRoutes>(*repositories_);
    cacheRoutes_ = std::make_unique<api::CacheRoutes>(
        *retention_, clock_, cacheFacts(), [this] { return cleanCache(); });
    farmRoutes_ = std::make_unique<api::FarmRoutes>(*fleet_, APB_FARM_VERSION, [this] { return readiness(); });
    adminRoutes_ = std::make_unique<api::AdminRoutes>(tasks_, [this] { return metrics_->text(); },
                                                      readersOf(config_.http.metricsAccess));
    auditRoutes_ = std::make_unique<api::AuditRoutes>(storage_->audit(), spool_.temporaryDirectory());
    docsRoutes_ = std::make_unique<api::DocsRoutes>(webDirectory(config_));
    createPages();
    buildRoutes_->declare(router_, config_.limits.requestSize);
    historyRoutes_->declare(router_);
    authRoutes_->declare(router_);
    userRoutes_->declare(router_);
    repositoryRoutes_->declare(router_);
    cacheRoutes_->declare(router_);
    farmRoutes_->declare(router_);
    adminRoutes_->declare(router_);
    auditRoutes_->declare(router_);
    docsRoutes_->declare(router_);
    pageRoutes_->declare(router_);
    feedRoutes_->declare(router_);
    statisticsPage_->declare(router_);
    myPages_->declare(router_, config_.limits.requestSize);
    adminPages_->declare(router_);
    logRoutes_->declare(router_);
    rebuildRoutes_->declare(router_);
    for (auto* module : modules_)
        module->declare(router_);
    docsRoutes_->publish(api::openApiDocument(router_.routes(), APB_FARM_VERSION));
}

void Farm::startMetrics()
{
    requests_ = std::make_unique<http::RequestMetrics>(router_);
    metrics_ = std::make_unique<FarmMetrics>(FarmMetrics::Parts{
        *fleet_, queue_, *ledger_, tally_, *storage_, *extensions_, tasks_, *requests_,
        [this] { return server_->counters(); }, config_.state.directory, clock_});
}

std::vector<api::Readiness> Farm::readiness()
{
    const bool writable = storage_->writable();
    bool answering = false;
    for (const auto& server : fleet_->list())
        answering = answering || server.answering;
    const bool defaultPassword = bootstrap_->defaultPasswordInForce();
    return {
        {"storage", writable, writable ? "" : "nothing can be stored any more; see the log"},
        {"servers", true, answering ? "" : "no build server answers"},
        {"accounts", true,
         config_.auth.off  ? "authentication is off: everybody is administrator"
         : defaultPassword ? "the default password of admin is in force; change it"
                           : ""},
    };
}

void Farm::renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response)
{
    if (http::statusFor(error) >= 500) {
        Poco::Message message(logger_.name(), std::string(request.requestId()) + " " + error.what(),
                              Poco::Message::PRIO_ERROR);
        message.set("request_id", std::string(request.requestId()));
        logger_.log(message);
    }
    for (auto* module : modules_)
        if (request.target().starts_with(module->mountPoint()) && module->renderError(error, request, response))
            return;
    // Command line clients send "*/*": only who asks for a page by name gets one.
    if (request.header("Accept").value_or("").find("text/html") != std::string_view::npos)
        return site_->error(error, request, response);
    http::renderFarmError(error, request, response);
}

void Farm::observe(const http::RequestRecord& record)
{
    requests_->add(record.route, record.status, record.duration);
    if (!logger_.debug())
        return;
    const auto number = [](auto value) { return std::to_string(value); };
    Poco::Message message(logger_.name(), std::string(record.requestId) + " " + std::string(record.clientAddress) + " " +
                                              std::string(record.method) + " " + std::string(record.target) + " " +
                                              number(record.status) + " " + number(record.bytes) + " " +
                                              number(record.duration.count()) + "us",
                          Poco::Message::PRIO_DEBUG);
    message.set("request_id", std::string(record.requestId));
    message.set("client", std::string(record.clientAddress));
    message.set("user", std::string(record.user));
    message.set("method", std::string(record.method));
    message.set("path", std::string(record.target));
    message.set("status", number(record.status));
    message.set("bytes", number(record.bytes));
    message.set("duration_us", number(record.duration.count()));
    logger_.log(message);
}

service::AdminAlerts::Options Farm::alertOptions()
{
    service::AdminAlerts::Options options;
    options.mails = config_.notifications.admin;
    options.log = [this](bool trouble, const std::string& what) {
        trouble ? logger_.warning(what) : logger_.information(what);
    };
    return options;
}

std::optional<milliseconds> Farm::backUp()
{
    try {
        writeBackup();
    } catch (const std::exception& error) {
        tasks_.task("backup", "Copies the database").failed(error.what());
        alerts_->set("backup", {"failed", "APB Farm: the database could not be backed up", error.what()});
        return std::min<milliseconds>(live_.copy().database.backupInterval, kBackupRetry);
    }
    alerts_->set("backup", {"", "APB Farm: the database is backed up again", "The last backup is complete."});
    return live_.copy().database.backupInterval;
}

/// The newest is `farm.db.backup`, the one before it `farm.db.backup.1`; a backup appears whole or not at all (D14).
void Farm::writeBackup()
{
    const auto folder = config_.state.directory / "backups";
    util::makePrivateDirectory(folder);
    const auto newest = folder / "farm.db.backup", fresh = folder / "farm.db.new";
    std::filesystem::remove(fresh);
    storage_->backupTo(fresh.string());
    if (std::filesystem::exists(newest)) {
        // A second name first: at no moment is there no newest backup.
        std::filesystem::remove(folder / "farm.db.backup.1");
        std::filesystem::create_hard_link(newest, folder / "farm.db.backup.1");
    }
    std::filesystem::rename(fresh, newest);
    util::syncDirectory(folder);
}

std::optional<milliseconds> Farm::housekeep()
{
    if (!storage_->writable()) {
        logger_.critical("The database cannot be written any more; the farm ends, so that it can recover");
        fail_();
        return std::nullopt;
    }
    sessions_->storeRenewals();
    if (clock_.steady() >= nextTokenCleanup_.load())
        removeExpiredTokens();
    tasks_.task("payloads", "Removes uploads that no build needs").run([this] {
        const auto kept = std::chrono::hours(24) * config_.limits.keepSourcesDays;
        payloads_->removeUnused(clock_.wall() - std::max(kUnusedPayloadAge, kept));
    });
    flow_->tidy();
    if (clock_.steady() >= nextWarning_) {
        bootstrap_->warnIfDefault();
        nextWarning_ = clock_.steady() + kBetweenWarnings;
    }
    return std::min<milliseconds>(kHousekeeping, live_.copy().auth.tokenCleanupInterval);
}

void Farm::removeExpiredTokens()
{
    auto& task = tasks_.task("tokens", "Removes expired sessions");
    task.run([this] { sessions_->removeExpired(); });
    const auto pause = live_.copy().auth.tokenCleanupInterval;
    nextTokenCleanup_ = clock_.steady() + pause;
    task.nextIn(pause);
}

} // namespace apbfarm::app

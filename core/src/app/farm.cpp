// SPDX-License-Identifier: MIT
#include "app/farm.h"

#include "app/install_paths.h"
#include "app/live_settings.h"
#include "app/password_command.h"
#include "app/state_layout.h"
#include "http/listener.h"
#include "plugin/plugin_set.h"
#include "util/durable_file.h"

#include <algorithm>
#include <utility>

namespace apbfarm::app {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kOutboxPause{5};

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

ConfigValues pluginConfiguration(const FarmConfig& config)
{
    auto options = config.pluginOptions;
    for (const auto& name : config.plugins.optional)
        if (name.starts_with("notify-"))
            options["notify." + name.substr(7) + ".optional"] = {"true", "plugins.optional"};
    return options;
}

std::vector<service::AuthenticatorChain::Link> authenticatorsOf(const FarmConfig& config, plugin::ExtensionHost& extensions)
{
    std::vector<service::AuthenticatorChain::Link> links;
    for (const auto& name : config.authenticators)
        links.push_back({name, extensions.createAuthenticator(name)});
    return links;
}

void giveDatabasePath(const FarmConfig& config, const plugin::ExtensionCatalog& catalog, ConfigValues& options)
{
    const auto* entry = catalog.find<Storage>(config.storage);
    const auto key = "storage." + config.storage + ".path";
    if (entry && std::ranges::count(entry->provider.options, "path", &OptionSpec::name))
        options.try_emplace(key, ConfigValue{config.database.path.string(), "database.path"});
}

Farm::Farm(const FarmConfig& config, Poco::Logger& logger, std::function<void()> fail)
    : config_(config), live_(config), logger_(logger), fail_(std::move(fail)),
      secrets_(util::AesSecretBox::fromFile(preparedKey(config.state))),
      pluginOptions_(pluginConfiguration(config)), loader_(pluginDirectory(config)),
      spool_(config.state.directory / "payloads"), artifacts_(config.state.directory / "artifacts"),
      logs_(config.state.directory / "logs"), streams_(logs_),
      throttle_(clock_, {.freeFailures = config.auth.maxLoginAttempts})
{
    refuseHalfRestored(config_);
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
    control_ = std::make_unique<ControlSocket>(
        config_.state.directory, [this](const auto& question) { return answerCommand(question, *users_); });
}

void Farm::createExtensions()
{
    plugin::loadPlugins(loader_, config_.plugins.load, catalog_, pluginOptions_, logger_);
    giveDatabasePath(config_, catalog_, pluginOptions_);
    extensions_ = std::make_unique<plugin::ExtensionHost>(catalog_, pluginOptions_, secrets_,
                                                          config_.state.directory.string() + "/", clock_);
    auditedStorage_ = std::make_unique<AuditedStorage>(extensions_->createStorage(config_.storage), logger_);
    extensions_->shareStorage(*auditedStorage_);
    storage_ = auditedStorage_.get();
    createAuthenticators();
    scheduler_ = &extensions_->createScheduler(config_.scheduler);
    for (const auto& name : config_.notifiers)
        if (auto* notifier = extensions_->createNotifier(name); notifier && config_.notifications.enabled)
            notifiers_.push_back({name, notifier});
    for (const auto& name : config_.http.modules)
        modules_.push_back(&extensions_->createHttpModule(name));
}

void Farm::createAuthenticators()
{
    authenticators_ = std::make_unique<service::AuthenticatorChain>(authenticatorsOf(config_, *extensions_),
                                                                    storage_->users(), config_.auth.refusalTime);
}

void Farm::createServices()
{
    serverSecrets_ = serverSecretsOf(config_, [this](const auto& what) { logger_.warning(what); });
    fleet_ = std::make_unique<fleet::Fleet>(serversOf(config_), clock_);
    ledger_ = std::make_unique<service::BuildLedger>(storage_->builds(), clock_, policyOf(config_));
    payloads_ = std::make_unique<service::Payloads>(storage_->builds(), spool_);
    remoteFiles_ = std::make_unique<service::RemoteFiles>(
        service::RemoteFiles::Parts{*fleet_, storage_->builds(), artifacts_, logs_, clock_},
        service::RemoteFiles::Settings{.client = clientOptionsOf(config_, serverSecrets_)});
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
    delivery_ = std::make_unique<service::OutboxDelivery>(storage_->outbox(), storage_->settings(), notifiers_, clock_,
                                                          config_.notifications.retryDelay,
                                                          [this](const auto& what) { logger_.warning(what); });
    alerts_ = std::make_unique<service::AdminAlerts>(*notifications_, storage_->settings(), clock_, alertOptions());
    watch_ = std::make_unique<service::FarmWatch>(*alerts_, *fleet_, spool_, config_.limits.storageReserve);
    sessions_ = std::make_unique<service::SessionService>(
        storage_->users(), storage_->tokens(), storage_->audit(), *authenticators_, passwords_, throttle_, clock_,
        service::SessionOptions{config_.auth.tokenDays, config_.auth.absoluteDays, config_.limits.tokensPerUser,
                                config_.auth.off});
    bootstrap_ = std::make_unique<service::BootstrapAdmin>(storage_->users(), storage_->audit(), authenticators_->own(),
                                                           passwords_, clock_, logger_,
                                                           bootstrapOf(config_.auth.bootstrap));
    users_ = std::make_unique<service::UserService>(
        service::UserService::Parts{storage_->users(), storage_->audit(), authenticators_->own(), passwords_, *sessions_,
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
            return delivery_->deliverDue() > 0 ? milliseconds(100) : milliseconds(kOutboxPause);
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
        flowSettingsOf(config_, serverSecrets_), reporter(), [this](const Build& build) {
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

Farm::~Farm()
{
    control_.reset();
    remoteFiles_->stop();
    server_->stop();
    flow_->stop();
}

util::Worker::OnError Farm::reporter()
{
    return [this](const std::string& what) { logger_.error(what); };
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

} // namespace apbfarm::app

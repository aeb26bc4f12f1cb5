// SPDX-License-Identifier: MIT
#pragma once

#include "api/admin_routes.h"
#include "api/audit_routes.h"
#include "api/admin_pages.h"
#include "api/auth_routes.h"
#include "api/build_routes.h"
#include "api/cache_routes.h"
#include "api/docs_routes.h"
#include "api/farm_routes.h"
#include "api/feed_routes.h"
#include "api/log_routes.h"
#include "api/history_routes.h"
#include "api/change_feed.h"
#include "api/my_pages.h"
#include "api/page_routes.h"
#include "api/page_site.h"
#include "api/repository_routes.h"
#include "api/rebuild_routes.h"
#include "api/session_gate.h"
#include "api/statistics_page.h"
#include "api/user_routes.h"
#include "app/audit_log.h"
#include "app/backups.h"
#include "app/control_socket.h"
#include "app/farm_config.h"
#include "app/farm_metrics.h"
#include "dispatch/build_flow.h"
#include "http/http_server.h"
#include "http/router.h"
#include "plugin/extension_host.h"
#include "plugin/plugin_loader.h"
#include "service/arriving_uploads.h"
#include "service/bootstrap_admin.h"
#include "service/cache_adoption.h"
#include "service/farm_watch.h"
#include "service/notification_service.h"
#include "service/payloads.h"
#include "service/remote_files.h"
#include "service/user_service.h"
#include "util/secret_box.h"
#include "util/task_board.h"

#include <Poco/Logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace apbfarm::app {

/// The options of plugins in the form that the plugin host reads, with what the core decides for them filled in.
ConfigValues pluginConfiguration(const FarmConfig& config);

/// `--database` and `database.path` are settings of the farm; a storage that keeps its data in one file takes them as
/// its option `path`.
void giveDatabasePath(const FarmConfig& config, const plugin::ExtensionCatalog& catalog, ConfigValues& options);

/// Makes the configured authenticators, in the order in which they are asked.
std::vector<service::AuthenticatorChain::Link> authenticatorsOf(const FarmConfig& config, plugin::ExtensionHost& extensions);

/// The whole daemon: builds all parts in order and holds them. Serves from construction to destruction.
///
/// The only place that knows concrete classes of several folders. Members stand in the order of construction, so
/// everything is destroyed before what it uses: the HTTP front and the background work first, the plugins last.
class Farm {
public:
    /// `fail` is called once, from a background thread, when the process must end (D9).
    /// Throws ConfigError, PluginError, and what the parts throw when they cannot start.
    Farm(const FarmConfig& config, Poco::Logger& logger, std::function<void()> fail);
    ~Farm();

    std::uint16_t port() const { return server_->port(); }

    /// Takes over a configuration that `read` gives, or, when anything about it is wrong, nothing; the log says which
    /// and so does `/admin/tasks`. Does not throw. From one thread.
    void reload(const std::function<FarmConfig()>& read);

private:
    void createExtensions();
    void createAuthenticators();
    void createServices();
    void startBackgroundWork();
    util::Task& reloadTask();
    void reconfigure(const FarmConfig& fresh);
    void sayWhatChanged(const FarmConfig& before, const FarmConfig& next, const FarmConfig& fresh);
    service::RetentionPolicy retentionPolicy() const;
    service::ArtifactRetention::Removed cleanCache();
    http::ServerOptions serverOptions();
    std::vector<api::Readiness> readiness();
    void renderError(const std::exception& error, const HttpRequest& request, HttpResponse& response);
    void observe(const http::RequestRecord& record);
    void declareRoutes();
    void createPages();
    void startMetrics();
    void createCare();
    api::AdminContext adminContext();
    api::CacheFacts cacheFacts() const;
    std::vector<api::ExtensionCard> extensionCards() const;
    std::vector<api::SettingRow> settingRows() const;
    std::vector<std::string> warnings();
    std::optional<std::chrono::milliseconds> housekeep();
    void removeExpiredTokens();
    void startHousekeeping();
    service::AdminAlerts::Options alertOptions();
    util::Worker::OnError reporter();

    const FarmConfig& config_;       ///< as it was at the start
    util::Guarded<FarmConfig> live_; ///< with what was reloaded since
    Poco::Logger& logger_;
    std::function<void()> fail_;
    util::SystemClock clock_;
    util::TaskBoard tasks_{clock_};
    util::AesSecretBox secrets_;
    ConfigValues pluginOptions_;
    plugin::PluginLoader loader_;
    plugin::ExtensionCatalog catalog_;
    std::unique_ptr<plugin::ExtensionHost> extensions_;

    std::unique_ptr<AuditedStorage> auditedStorage_;
    Storage* storage_ = nullptr;     ///< that one
    std::unique_ptr<service::AuthenticatorChain> authenticators_;
    Scheduler* scheduler_ = nullptr;
    std::vector<service::NamedNotifier> notifiers_;
    std::vector<HttpModule*> modules_;

    files::PayloadSpool spool_;
    files::ArtifactStore artifacts_;
    files::LogStore logs_;
    files::LogStreamHub streams_;

    std::shared_ptr<fleet::ServerSecrets> serverSecrets_;   ///< null when no server has one
    std::unique_ptr<fleet::Fleet> fleet_;
    service::BuildQueue queue_;
    std::unique_ptr<service::BuildLedger> ledger_;
    std::unique_ptr<service::Payloads> payloads_;
    std::unique_ptr<service::RemoteFiles> remoteFiles_;
    std::unique_ptr<service::CacheAdoption> adoption_;   ///< null when the farm keeps no files
    service::ArrivingUploads arriving_;
    std::unique_ptr<service::RepositoryService> repositories_;
    std::unique_ptr<service::ArtifactRetention> retention_;
    std::unique_ptr<service::BuildService> builds_;
    std::unique_ptr<service::NotificationService> notifications_;
    std::unique_ptr<service::OutboxDelivery> delivery_;
    std::unique_ptr<service::AdminAlerts> alerts_;
    std::unique_ptr<service::FarmWatch> watch_;
    service::PasswordPool passwords_;
    service::LoginThrottle throttle_;
    std::unique_ptr<service::SessionService> sessions_;
    std::unique_ptr<service::BootstrapAdmin> bootstrap_;
    std::unique_ptr<service::UserService> users_;

    std::unique_ptr<service::ServerCare> care_;
    std::unique_ptr<service::StatisticsService> statistics_;
    std::shared_ptr<api::ChangeFeed> changes_;
    BuildTally tally_;
    std::unique_ptr<dispatch::BuildFlow> flow_;
    std::unique_ptr<util::Worker> outbox_;
    std::unique_ptr<util::Worker> watching_;
    std::unique_ptr<util::Worker> cacheCleaning_;
    std::unique_ptr<util::Worker> housekeeping_;
    std::unique_ptr<Backups> backups_;
    std::atomic<util::Instant> nextTokenCleanup_{util::Instant{}};
    util::Instant nextWarning_{};             ///< of the housekeeping thread

    std::unique_ptr<api::BuildReader> reader_;
    std::unique_ptr<api::BuildRoutes> buildRoutes_;
    std::unique_ptr<api::HistoryRoutes> historyRoutes_;
    std::unique_ptr<api::AuthRoutes> authRoutes_;
    std::unique_ptr<api::UserRoutes> userRoutes_;
    std::unique_ptr<api::RepositoryRoutes> repositoryRoutes_;
    std::unique_ptr<api::CacheRoutes> cacheRoutes_;
    std::unique_ptr<api::FarmRoutes> farmRoutes_;
    std::unique_ptr<api::AdminRoutes> adminRoutes_;
    std::unique_ptr<service::BuildEstimates> estimates_;
    std::unique_ptr<files::LogOutlines> outlines_;
    std::unique_ptr<files::CompressedLogs> compressedLogs_;
    std::unique_ptr<service::RebuildService> rebuilds_;
    std::unique_ptr<api::LogRoutes> logRoutes_;
    std::unique_ptr<api::RebuildRoutes> rebuildRoutes_;
    std::unique_ptr<api::PageSite> site_;
    std::unique_ptr<api::PageRoutes> pageRoutes_;
    std::unique_ptr<api::FeedRoutes> feedRoutes_;
    std::unique_ptr<api::AuditRoutes> auditRoutes_;
    std::unique_ptr<api::DocsRoutes> docsRoutes_;
    std::unique_ptr<api::StatisticsPage> statisticsPage_;
    std::unique_ptr<api::MyPages> myPages_;
    std::unique_ptr<api::AdminPages> adminPages_;
    http::Router router_;
    std::unique_ptr<http::RequestMetrics> requests_;
    std::unique_ptr<FarmMetrics> metrics_;
    std::unique_ptr<api::SessionGate> gate_;
    std::unique_ptr<http::HttpServer> server_;
    std::unique_ptr<ControlSocket> control_;
};

} // namespace apbfarm::app

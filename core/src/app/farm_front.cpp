// SPDX-License-Identifier: MIT
// What the farm shows to the network: its routes, their errors and how it does.
#include "api/openapi.h"
#include "app/farm.h"
#include "app/install_paths.h"
#include "app/live_settings.h"
#include "app/request_log.h"
#include "http/error_mapping.h"

namespace apbfarm::app {

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
        *retention_, clock_, [this] { return cacheFacts(); }, [this] { return cleanCache(); });
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
    if (http::statusFor(error) >= 500)
        logFailure(logger_, request.requestId(), error.what());
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
    logRequest(logger_, record);
}

} // namespace apbfarm::app

// SPDX-License-Identifier: MIT
#include "build_server.h"

#include "http/error_mapping.h"

namespace apbfarm::server {

BuildServer::BuildServer(const Settings& settings, const Builder& builder, const Account& account, const Report& report)
    : settings_(settings), account_(account), table_(settings_.buildsDir, report), lists_(table_),
      door_(settings_.secretFile, report)
{
    table_.restore();
    engine_ = std::make_unique<BuildEngine>(settings_, builder, account_, table_, report);
    builds_ = std::make_unique<BuildRoutes>(settings_, table_, *engine_);
    system_ = std::make_unique<SystemRoutes>(settings_, table_, *engine_);
    GuardedRoutes routes(router_, door_);
    builds_->declare(routes);
    lists_.declare(routes);
    system_->declare(routes);
    http_ = std::make_unique<http::HttpServer>(
        httpOptions(), router_, door_,
        [this](const auto& error, const auto& request, auto& response) { answerTo(error, request, response); });
}

http::ServerOptions BuildServer::httpOptions() const
{
    http::ServerOptions options;
    options.host = settings_.host;
    options.port = settings_.port;
    options.maxFormBody = settings_.maxRequestSize;
    options.maxFormFile = settings_.maxFileSize;
    options.idleTimeout = std::chrono::seconds(60);   // what farms expect of keep-alive
    options.heartbeat = std::chrono::seconds(30);
    options.temporaryDirectory = settings_.buildsDir / ".uploads";
    return options;
}

void BuildServer::answerTo(const std::exception& error, const HttpRequest& request, HttpResponse& response)
{
    // Which addresses there are is nobody's business either.
    const int status = http::statusFor(error);
    if ((status == 404 || status == 405) && !door_.admits(request))
        renderError(Unauthenticated(), request, response);
    else
        renderError(error, request, response);
}

void BuildServer::stop()
{
    http_->stop();
    engine_->stop();
}

} // namespace apbfarm::server

// SPDX-License-Identifier: MIT
#include "http/http_server.h"

#include "http/event_loop.h"
#include "http/listener.h"
#include "http/server_context.h"
#include "util/durable_file.h"
#include "util/secrets.h"

#include <algorithm>
#include <mutex>
#include <thread>

namespace apbfarm::http {

namespace {

constexpr std::size_t kSpoolWriters = 4;      // at once they keep a quick disk busy
constexpr std::size_t kWaitingBlocks = 1024;  // more than there are

ServerOptions completed(ServerOptions options)
{
    if (options.temporaryDirectory.empty())
        options.temporaryDirectory = std::filesystem::temp_directory_path();
    else
        util::makePrivateDirectory(options.temporaryDirectory);
    if (options.loops <= 0)
        options.loops = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 4u));
    return options;
}

FormLimits formLimits(const ServerOptions& options, WorkerPool& writers)
{
    FormLimits limits;
    limits.maxFile = options.maxFormFile;
    limits.largeFilePart = options.largeFilePart;
    limits.maxMemory = options.maxFormMemory;
    limits.temporaryDirectory = options.temporaryDirectory;
    limits.watch = options.watchSpooling;
    limits.writers = &writers;
    return limits;
}

} // namespace

ServerContext::ServerContext(ServerOptions given, const Router& routes, Gatekeeper& keeper, ErrorRenderer render,
                             RequestObserver watch)
    : options(completed(std::move(given))), router(routes), gatekeeper(keeper), renderError(std::move(render)),
      observe(std::move(watch)), defaults(options.headers), proxies(options.trustedProxies),
      spoolWriters(kSpoolWriters, kWaitingBlocks), formLimits(http::formLimits(options, spoolWriters)), connections(options.maxConnections, options.maxConnectionsPerAddress),
      streams(options.maxStreams, options.maxStreamsPerAddress),
      spooling(options.maxSpoolingBodies, options.maxSpoolingBodiesPerUser),
      pool(static_cast<std::size_t>(std::max(options.workers, 1)), options.waitingRequests)
{
}

struct HttpServer::Impl {
    ServerContext server;
    std::uint16_t port = 0;
    std::vector<std::unique_ptr<EventLoop>> loops;
    std::mutex stopping;

    ~Impl() { server.pool.join(); } // before the loops go, to which the workers report
};

HttpServer::HttpServer(ServerOptions options, const Router& router, Gatekeeper& gatekeeper, ErrorRenderer renderError,
                       RequestObserver observe)
    : impl_(new Impl{{std::move(options), router, gatekeeper, std::move(renderError), std::move(observe)}})
{
    const auto& settings = impl_->server.options;
    impl_->port = settings.port;
    for (int i = 0; i < settings.loops; ++i) {
        auto listeners = listenOn(settings.host, impl_->port, i == 0);
        impl_->port = boundPort(listeners.front().get());
        // Ids differ between loops and between starts of the farm.
        impl_->loops.push_back(std::make_unique<EventLoop>(impl_->server, std::move(listeners),
                                                           util::toHex(util::randomBytes(4)) + "-"));
    }
    for (auto& loop : impl_->loops)
        loop->start();
}

HttpServer::~HttpServer()
{
    stop();
}

std::uint16_t HttpServer::port() const
{
    return impl_->port;
}

HttpServer::Counters HttpServer::counters() const
{
    Counters sum;
    for (const auto& loop : impl_->loops) {
        sum.connections += loop->counters().connections;
        sum.requests += loop->counters().requests;
        sum.refused += loop->counters().refused;
    }
    sum.streams = impl_->server.streams.used();
    sum.spooling = impl_->server.spooling.used();
    sum.waiting = impl_->server.pool.waiting();
    return sum;
}

void HttpServer::stop(std::chrono::milliseconds grace)
{
    std::lock_guard lock(impl_->stopping);
    const auto deadline = std::chrono::steady_clock::now() + grace;
    for (auto& loop : impl_->loops)
        loop->stop(deadline);
    for (auto& loop : impl_->loops)
        loop->join();
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include "http/spool_watch.h"

#include <apbfarm/http.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::http {

class Router;

/// What one listener may cost. Every figure is a limit of threat-model sections 6 and 19.
struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                    ///< 0: any free one, see HttpServer::port
    int loops = 0;                             ///< event-loop threads; 0: one per core, at most 4
    int workers = 64;                          ///< handler threads at most; started when needed
    std::size_t waitingRequests = 1024;        ///< beyond that 503 with Retry-After
    std::size_t maxConnections = 20000;
    std::size_t maxConnectionsPerAddress = 256; ///< loopback and trusted proxies are exempt
    std::size_t maxStreams = 5000;
    std::size_t maxStreamsPerAddress = 8;      ///< loopback and trusted proxies are exempt
    std::size_t maxSpoolingBodies = 64;
    std::size_t maxSpoolingBodiesPerUser = 8;  ///< per address for guests; loopback is exempt then
    std::uint64_t maxFormBody = 500ull << 20;  ///< bytes, of `BodyKind::Form` routes that name no limit
    std::uint64_t maxFormFile = 100ull << 20;  ///< bytes, of one file part; see `largeFilePart`
    std::string largeFilePart = "build_tarball"; ///< the part that only `maxFormBody` limits
    std::size_t maxFormMemory = 64 << 10;      ///< bytes of a file part kept in memory before it goes to disk
    std::chrono::milliseconds headerTimeout{10000};
    std::chrono::milliseconds bodyGrace{10000}; ///< after it, a body must come with at least 1 KiB/s
    std::chrono::milliseconds bodyTimeout{30 * 60 * 1000};
    std::chrono::milliseconds idleTimeout{15000};
    std::chrono::milliseconds writeTimeout{30000};
    std::chrono::milliseconds heartbeat{15000}; ///< of event streams
    std::filesystem::path temporaryDirectory;  ///< private; for bodies while they arrive
    SpoolWatch watchSpooling;                  ///< may be empty; whoever wants to read files while they arrive
    std::vector<std::string> trustedProxies;   ///< addresses whose X-Forwarded-For counts (H24)
    std::vector<std::string> corsOrigins;      ///< other sites whose pages may read answers, without cookies (W5)
    std::vector<std::pair<std::string, std::string>> headers; ///< on every answer; a handler may replace one
};

/// Says who is calling, from memory alone: it runs on the event loops before any body byte is read.
class Gatekeeper {
public:
    virtual ~Gatekeeper() = default;

    /// The signed-in caller; empty for a guest, also when the token is not valid.
    /// `authorization` and `cookie` are the raw header values, empty when absent.
    virtual std::optional<Principal> identify(std::string_view authorization, std::string_view cookie,
                                              std::string_view clientAddress) = 0;

    /// Whether a request that changes something may rely on the cookie it was identified by (U9).
    /// Throws `Forbidden` when not.
    virtual void checkOrigin(const HttpRequest& head) { (void)head; }
};

/// One finished request, for the access log and the metrics. Called on a loop or worker; must not block.
struct RequestRecord {
    std::string_view method, target, requestId, clientAddress;
    std::string_view user;                     ///< empty for a guest
    const Route* route = nullptr;              ///< null: there is none
    int status = 0;
    std::uint64_t bytes = 0;                   ///< of the answer's body
    std::chrono::microseconds duration{0};
};
using RequestObserver = std::function<void(const RequestRecord&)>;

/// Renders the body of an answer that no handler made: a bad request, a missing route, an exception.
/// Sets status and body; must not throw.
using ErrorRenderer = std::function<void(const std::exception& error, const HttpRequest& request, HttpResponse& response)>;

/// The HTTP/1.1 front: event loops on epoll, strict parsing, a bounded worker pool. Knows nothing of builds.
///
/// Serves from construction to destruction. `router`, `gatekeeper` and the callbacks must outlive it.
class HttpServer {
public:
    /// Throws std::system_error when the address cannot be bound.
    HttpServer(ServerOptions options, const Router& router, Gatekeeper& gatekeeper, ErrorRenderer renderError,
               RequestObserver observe = {});
    ~HttpServer();

    std::uint16_t port() const;

    struct Counters {
        std::size_t connections = 0, streams = 0, waiting = 0, spooling = 0;
        std::uint64_t requests = 0, refused = 0;
    };
    Counters counters() const;

    /// Stops accepting, lets running requests end for at most `grace`, then closes all. Idempotent.
    void stop(std::chrono::milliseconds grace = std::chrono::seconds(3));

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace apbfarm::http

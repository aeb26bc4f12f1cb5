// SPDX-License-Identifier: MIT
#include "http/exchange.h"

#include "http/protocol_errors.h"
#include "util/text.h"

#include <algorithm>
#include <stdexcept>

namespace apbfarm::http {

namespace {

constexpr std::uint64_t kSmallBody = 64 << 10;

std::uint64_t bodyLimit(const Route& route, const ServerOptions& options)
{
    if (route.maxBody > 0)
        return route.maxBody;
    return route.body == BodyKind::Form ? options.maxFormBody : kSmallBody;
}

void checkExpectation(const RequestHead& head)
{
    if (head.expect.data() && head.minorVersion == 1 && !util::equalsIgnoringCase(head.expect, "100-continue"))
        throw ProtocolError(417, "expectation_failed", "Expectation failed",
                            "The only expectation that can be met is 100-continue.");
}

} // namespace

void Exchange::admit(ServerContext& server, const std::string& peer)
{
    request.address = server.proxies.clientOf(peer, request.head);
    parseTarget(request.head.target, request.parsed);
    request.match = server.router.find(request.head.method, request.parsed.segments);
    greetOtherSite(server);
    if (!request.match.route && request.match.allowed.empty())
        throw ProtocolError(404, "route_not_found", "Not found", "There is nothing at this address.");
    if (request.match.route)
        return authorise(server);
    if (request.head.method != "OPTIONS")
        throw HeaderedError(405, "method_not_allowed", "Method not allowed", "The method is not allowed here.", "Allow",
                            std::string(request.match.allowed));
    response.header("Allow", request.match.allowed);
    response.send(204, "", "");
}

/// W5: exactly the origin that asks, when it is configured, and never with cookies.
void Exchange::greetOtherSite(ServerContext& server)
{
    const auto& allowed = server.options.corsOrigins;
    if (allowed.empty())
        return;
    forOtherSite = "Vary: Origin\r\n";
    const auto origin = request.header("Origin");
    if (!origin || std::ranges::find(allowed, *origin) == allowed.end())
        return;
    forOtherSite += "Access-Control-Allow-Origin: " + std::string(*origin) +
                    "\r\nAccess-Control-Expose-Headers: Content-Disposition, ETag, Retry-After, X-Request-Id\r\n";
    if (request.head.method == "OPTIONS" && request.header("Access-Control-Request-Method"))
        forOtherSite += "Access-Control-Allow-Methods: " + std::string(request.match.allowed) +
                        "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, "
                        "Last-Event-ID, Range\r\nAccess-Control-Max-Age: 600\r\n";
}

void Exchange::authorise(ServerContext& server)
{
    const auto& route = *request.match.route;
    request.caller = server.gatekeeper.identify(request.head.authorization, request.head.cookie, request.address);
    if (route.access != Access::Guest && !request.caller)
        throw Unauthenticated("This endpoint requires authentication. Please provide a valid Bearer token.");
    if (route.access == Access::Admin && request.caller->role != Role::Admin)
        throw Forbidden("Admin role required to perform this action");
    if (route.method != Method::Get && request.caller)
        server.gatekeeper.checkOrigin(request);
}

void Exchange::expectBody(ServerContext& server)
{
    // An answer is there already for OPTIONS; its body, if any, is dropped.
    const auto* route = request.match.route;
    const auto kind = route ? route->body : BodyKind::None;
    const auto limit = route ? bodyLimit(*route, server.options) : kSmallBody;
    body = std::make_unique<BodyReader>(request.head, kind, limit, server.formLimits);
    checkExpectation(request.head);
    if (body->isSpooling() && (request.head.chunked || *request.head.contentLength > kSmallBody))
        takeSpoolLease(server);
}

void Exchange::takeSpoolLease(ServerContext& server)
{
    auto key = request.caller ? std::to_string(request.caller->id) : server.quotaKey(request.address);
    switch (server.spooling.take(key)) {
    case Quota::Verdict::Granted: spooling = QuotaLease(server.spooling, std::move(key)); return;
    case Quota::Verdict::KeyReached: throw TooMany("Too many uploads are running for you already.");
    case Quota::Verdict::TotalReached: throw Unavailable("Too many uploads are running.", "too_many_uploads");
    }
}

void Exchange::handle(ServerContext& server) noexcept
{
    try {
        for (const auto& writer : request.content.writers)
            writer->settle();
        request.match.route->handler(request, response);
        if (response.kind() == Response::Kind::None)
            throw std::logic_error("a handler gave no answer");
    } catch (const std::exception& error) {
        fail(server, error);
    } catch (...) {
        fail(server, std::runtime_error("a handler threw something that is no exception"));
    }
}

void Exchange::fail(ServerContext& server, const std::exception& error) noexcept
{
    try {
        response.clear();
        if (const auto* headered = dynamic_cast<const HeaderedError*>(&error))
            response.header(headered->header(), headered->value());
        server.renderError(error, request, response);
    } catch (...) {
        response.clear();
    }
    if (response.kind() == Response::Kind::Content)
        return;
    try {
        response.clear();
        response.json(500, R"({"error":"Internal server error","error_type":"internal_error"})");
    } catch (...) {
        response.clear();   // not even memory for this
    }
}

void Exchange::dropBody(ServerContext& server)
{
    constexpr std::uint64_t kLarge = 1 << 20;
    try {
        if (body && body->isSpooling() && body->received() > kLarge)
            server.pool.submit([doomed = std::shared_ptr<BodyReader>(std::move(body))] {});
    } catch (const std::bad_alloc&) {
        // Then it is freed here, however long that takes.
    }
    body.reset();
}

void Exchange::clear()
{
    request.clear();
    response.clear();
    body.reset();
    spooling.release();
    forOtherSite.clear();
}

} // namespace apbfarm::http

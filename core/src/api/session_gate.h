// SPDX-License-Identifier: MIT
#pragma once

#include "http/http_server.h"
#include "service/session_service.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::api {

struct GateOptions {
    /// The farm's public address ("https://farm.example.com"), for pages behind a proxy that changes Host; or empty.
    std::string publicUrl;
};

/// Finds the session of a request: `Authorization: Bearer`, else a session cookie.
///
/// A header wins, also a bad one over a good cookie. Any other scheme than Bearer counts as no header.
/// With authentication switched off everybody is the session service's stand-in.
class SessionGate final : public http::Gatekeeper {
public:
    SessionGate(service::SessionService& sessions, GateOptions options = {});

    std::optional<Principal> identify(std::string_view authorization, std::string_view cookie,
                                      std::string_view clientAddress) override;

    /// U9: what a browser does on its own account must come from one of the farm's own pages and carry that
    /// page's `X-CSRF-Token`. Requests with a bearer token, those that only read, and log-ins pass.
    void checkOrigin(const HttpRequest& head) override;

private:
    bool isSameOrigin(const HttpRequest& head) const;

    service::SessionService& sessions_;
    const std::string publicOrigin_;
};

/// The token of `Authorization: Bearer <token>`; empty optional for every other scheme and for an empty header.
std::optional<std::string_view> bearerToken(std::string_view authorization);

/// The token of the first session cookie in a Cookie header; empty when there is none.
std::string_view sessionTokenOf(std::string_view cookieHeader);

/// What pages of a session send back as `X-CSRF-Token`. Tells nothing about the token.
std::string csrfTokenFor(std::string_view sessionToken);
/// Of the request's cookie session; empty when it has none.
std::string csrfTokenFor(const HttpRequest& request);

/// A `Set-Cookie` value that starts a browser session. `secure`: the browser reaches the farm through TLS (U8).
std::string sessionCookie(std::string_view token, std::chrono::seconds life, bool secure);
/// `Set-Cookie` values that end every kind of session cookie.
std::vector<std::string> endedSessionCookies();

} // namespace apbfarm::api

// SPDX-License-Identifier: MIT
#include "api/session_gate.h"

#include "util/secrets.h"
#include "util/text.h"

namespace apbfarm::api {

namespace {

/// "https://farm.example.com" of "https://farm.example.com/somewhere".
std::string originOf(std::string_view url)
{
    const auto scheme = url.find("://");
    return scheme == url.npos ? "" : util::toLower(url.substr(0, url.find('/', scheme + 3)));
}

/// Logging in does not rely on the session there may be already, and its plain form could not send the header.
/// A foreign page cannot send the one's JSON, and the other's route looks at the origin itself.
bool isLogin(const HttpRequest& request)
{
    const auto path = request.target().substr(0, request.target().find('?'));
    return path == "/login" || path == "/auth/login";
}

std::string_view header(const HttpRequest& request, std::string_view name)
{
    return request.header(name).value_or(std::string_view());
}

} // namespace

SessionGate::SessionGate(service::SessionService& sessions, GateOptions options)
    : sessions_(sessions), publicOrigin_(originOf(options.publicUrl))
{
}

std::optional<Principal> SessionGate::identify(std::string_view authorization, std::string_view cookie,
                                               std::string_view)
{
    if (sessions_.isAuthOff())
        return sessions_.standIn();
    const auto bearer = bearerToken(authorization);
    return sessions_.identify(bearer ? *bearer : sessionTokenOf(cookie));
}

void SessionGate::checkOrigin(const HttpRequest& head)
{
    const auto method = head.method();
    if (method == "GET" || method == "HEAD" || method == "OPTIONS" || !head.principal())
        return;
    const bool fromBrowser = head.header("Origin") || head.header("Sec-Fetch-Site");
    if (sessions_.isAuthOff()) {
        // Without log-in any page in the developer's browser could act; tools send neither header.
        if (fromBrowser && !isSameOrigin(head))
            throw Forbidden("This request comes from another site's page", "cross_site_request");
        return;
    }
    if (bearerToken(header(head, "Authorization")) || isLogin(head))
        return;
    if (!isSameOrigin(head))
        throw Forbidden("This request does not come from one of the farm's own pages", "cross_site_request");
    if (!util::sameSecret(header(head, "X-CSRF-Token"), csrfTokenFor(head)))
        throw Forbidden("The page is out of date; reload it and try again", "csrf_token_invalid");
}

bool SessionGate::isSameOrigin(const HttpRequest& head) const
{
    if (const auto site = head.header("Sec-Fetch-Site"))
        return *site == "same-origin";
    const auto origin = util::toLower(header(head, "Origin"));
    if (origin.empty() || origin == "null")
        return false;
    if (!publicOrigin_.empty() && origin == publicOrigin_)
        return true;
    // Which of the two schemes a proxy speaks to the browser is not known here; the host is what separates sites.
    const auto host = util::toLower(header(head, "Host"));
    return !host.empty() && (origin == "http://" + host || origin == "https://" + host);
}

} // namespace apbfarm::api

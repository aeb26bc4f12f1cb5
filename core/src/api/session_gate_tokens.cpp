// SPDX-License-Identifier: MIT
#include "api/session_gate.h"

#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr std::string_view kSecureCookie = "__Host-apb_session";
constexpr std::string_view kPlainCookie = "apb_session";
/// Set by the scripts of older farms' pages; read, never set.
constexpr std::string_view kHistoricCookie = "authToken";

std::optional<std::string_view> cookieValue(std::string_view header, std::string_view name)
{
    for (std::size_t start = 0; start < header.size();) {
        const auto end = std::min(header.find(';', start), header.size());
        const auto pair = util::trim(header.substr(start, end - start));
        const auto equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name)
            return pair.substr(equals + 1);
        start = end + 1;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string_view> bearerToken(std::string_view authorization)
{
    constexpr std::string_view scheme = "bearer";
    const auto text = util::trim(authorization);
    if (text.size() <= scheme.size() || !util::equalsIgnoringCase(text.substr(0, scheme.size()), scheme)
        || text[scheme.size()] != ' ')
        return std::nullopt;
    return util::trim(text.substr(scheme.size()));
}

std::string_view sessionTokenOf(std::string_view cookieHeader)
{
    for (const auto name : {kSecureCookie, kPlainCookie, kHistoricCookie})
        if (const auto value = cookieValue(cookieHeader, name); value && !value->empty())
            return *value;
    return {};
}

std::string csrfTokenFor(std::string_view sessionToken)
{
    return util::sha256Hex("apb-farm csrf\n" + std::string(sessionToken));
}

std::string csrfTokenFor(const HttpRequest& request)
{
    const auto token = sessionTokenOf(request.header("Cookie").value_or(std::string_view()));
    return token.empty() ? "" : csrfTokenFor(token);
}

std::string sessionCookie(std::string_view token, std::chrono::seconds life, bool secure)
{
    std::string cookie(secure ? kSecureCookie : kPlainCookie);
    cookie += "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life.count());
    return secure ? cookie + "; Secure" : cookie;
}

std::vector<std::string> endedSessionCookies()
{
    return {sessionCookie("", std::chrono::seconds(0), true), sessionCookie("", std::chrono::seconds(0), false),
            std::string(kHistoricCookie) + "=; Path=/; SameSite=Lax; Max-Age=0"};
}

} // namespace apbfarm::api

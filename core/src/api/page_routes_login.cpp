// SPDX-License-Identifier: MIT
#include "api/page_routes.h"

#include "api/auth_routes.h"
#include "api/session_gate.h"
#include "http/error_mapping.h"
#include "util/secrets.h"
#include "util/text.h"

#include <chrono>

namespace apbfarm::api {

namespace {

std::string fieldOf(const HttpRequest& request, std::string_view name)
{
    for (const auto& part : request.parts())
        if (part->name() == name && !part->isFile())
            return std::string(part->text());
    return {};
}

/// Where a log-in leads: to the build or page that it was begun from, else to the dashboard. Never to an address from
/// outside.
std::string destination(std::string_view build)
{
    for (const std::string_view page : {"my", "submit", "admin"})
        if (build == page)
            return "/" + std::string(page);
    return util::isUuid(build) ? "/build/" + std::string(build) + "/status" : "/dashboard";
}

bool isTls(std::string_view url)
{
    return util::toLower(url).starts_with("https://");
}

/// "farm.example.com:8080" of "https://Farm.example.com:8080/x".
std::string hostOf(std::string_view url)
{
    const auto scheme = url.find("://");
    if (scheme == url.npos)
        return {};
    url.remove_prefix(scheme + 3);
    return util::toLower(url.substr(0, url.find('/')));
}

} // namespace

void PageRoutes::loginForm(const HttpRequest& request, HttpResponse& response) const
{
    if (request.principal())
        return PageSite::redirect(response, destination(request.query("build").value_or("")));
    showLogin(request, response, 200, "", "");
}

void PageRoutes::showLogin(const HttpRequest& request, HttpResponse& response, int status, const std::string& username,
                           const std::string& problem) const
{
    const auto asked = request.query("build").value_or("");
    const auto build = request.method() == "POST" ? fieldOf(request, "build") : std::string(asked);
    auto view = site_.frame(request, "Log in", Section::None);
    view.text("username", username).text("problem", problem).text("build", destination(build) != "/dashboard" ? build : std::string());
    // With the stricter default, browsers would not say that the form was sent from this page.
    response.header("Referrer-Policy", "same-origin");
    site_.sendPage(response, "login", view, status);
}

/// A foreign page must not sign its visitors in as somebody else, nor out. Tools send neither header.
void PageRoutes::requireOwnPage(const HttpRequest& request) const
{
    const auto site = request.header("Sec-Fetch-Site");
    const auto origin = request.header("Origin");
    bool own = true;
    if (site) {
        own = *site == "same-origin" || *site == "none";
    } else if (origin) {
        const auto host = hostOf(*origin);
        own = !host.empty()
              && (host == util::toLower(request.header("Host").value_or("")) || host == hostOf(context_.publicUrl));
    }
    if (!own)
        throw Forbidden("This was sent from another site's page", "cross_site_request");
}

void PageRoutes::login(const HttpRequest& request, HttpResponse& response) const
{
    requireOwnPage(request);
    const auto username = fieldOf(request, "username");
    try {
        const auto session = context_.sessions.login(username, fieldOf(request, "password"),
                                                     std::string(request.clientAddress()),
                                                     std::string(request.requestId()), arrivalOf(request));
        const auto life = std::chrono::days(session.expiresInDays);
        response.header("Set-Cookie", sessionCookie(session.token, life, isTls(context_.publicUrl)));
        PageSite::redirect(response, destination(fieldOf(request, "build")));
    } catch (const TooMany& problem) {
        response.header("Retry-After", std::to_string(problem.retryAfter().count()));
        showLogin(request, response, 429, username, problem.what());
    } catch (const Error& problem) {
        showLogin(request, response, http::statusFor(problem), username, problem.what());
    }
}

void PageRoutes::logout(const HttpRequest& request, HttpResponse& response) const
{
    requireOwnPage(request);
    if (const auto* caller = request.principal())
        context_.sessions.logout(*caller, std::string(request.clientAddress()), std::string(request.requestId()));
    for (const auto& cookie : endedSessionCookies())
        response.header("Set-Cookie", cookie);
    PageSite::redirect(response, "/dashboard?logged_out=1");
}

} // namespace apbfarm::api

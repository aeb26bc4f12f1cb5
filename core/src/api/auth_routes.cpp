// SPDX-License-Identifier: MIT
#include "api/auth_routes.h"

#include "api/route_notes.h"
#include "api/session_gate.h"
#include "util/json_reader.h"

#include <algorithm>
#include <array>

namespace apbfarm::api {

namespace {

std::string textField(const Poco::JSON::Object& body, const char* name, std::vector<FieldError>& errors)
{
    const auto value = body.get(name);
    if (value.isString())
        return value.extract<std::string>();
    errors.push_back({name, value.isEmpty() ? "is required" : "must be a text"});
    return {};
}

void endCookies(HttpResponse& response)
{
    for (const auto& cookie : endedSessionCookies())
        response.header("Set-Cookie", cookie);
}

} // namespace

void AuthRoutes::declare(RouteTable& routes)
{
    const auto to = [this](auto member) {
        return [this, member](const HttpRequest& in, HttpResponse& out) { (this->*member)(in, out); };
    };
    routes.add({.method = Method::Post, .pattern = "/auth/login", .access = Access::Guest,
                .handler = to(&AuthRoutes::login), .body = BodyKind::Json,
                .summary = "Log in with name and password; answers a token",
                .notes = notes::logIn()});
    routes.add({.method = Method::Post, .pattern = "/auth/logout", .access = Access::Guest,
                .handler = to(&AuthRoutes::logout), .summary = "End the session of the token that is sent along",
                .notes = notes::logOut()});
    routes.add({.method = Method::Get, .pattern = "/auth/logout", .access = Access::Guest,
                .handler = to(&AuthRoutes::logoutPage), .summary = "End the session and go to the dashboard",
                .notes = notes::logOutByAddress()});
    routes.add({.method = Method::Get, .pattern = "/auth/me", .access = Access::User, .handler = to(&AuthRoutes::me),
                .summary = "The caller's own account", .notes = notes::me()});
}

service::Arrival arrivalOf(const HttpRequest& request)
{
    constexpr std::array headers{"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    const bool forwarded = std::ranges::any_of(headers, [&](auto name) { return request.header(name).has_value(); });
    return forwarded ? service::Arrival::Forwarded : service::Arrival::Direct;
}

void writeAccount(util::JsonWriter& json, const User& user)
{
    json.member("id", user.id).member("username", user.username).member("role", toText(user.role));
    json.member("created_at", toEpoch(user.createdAt)).key("last_login");
    user.lastLogin ? json.value(toEpoch(*user.lastLogin)) : json.null();
    json.key("email");
    user.email.empty() ? json.null() : json.value(user.email);
}

void AuthRoutes::login(const HttpRequest& request, HttpResponse& response)
{
    const auto body = util::parseJsonObject(request.body());
    std::vector<FieldError> errors;
    const auto username = textField(*body, "username", errors);
    const auto password = textField(*body, "password", errors);
    if (!errors.empty())
        throw InvalidInput("The field '" + errors.front().field + "' " + errors.front().message, "invalid_input",
                           errors);
    const auto session = sessions_.login(username, password, std::string(request.clientAddress()),
                                         std::string(request.requestId()), arrivalOf(request));
    util::JsonWriter json;
    json.beginObject().member("token", session.token).key("user").beginObject();
    writeAccount(json, session.user);
    json.endObject().member("expires_in_days", session.expiresInDays).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, json.take());
}

void AuthRoutes::logout(const HttpRequest& request, HttpResponse& response)
{
    if (const auto* caller = request.principal()) {
        sessions_.logout(*caller, std::string(request.clientAddress()), std::string(request.requestId()));
        endCookies(response);
    }
    util::JsonWriter json;
    json.beginObject().member("message", "Logged out successfully").endObject();
    response.json(200, json.take());
}

void AuthRoutes::logoutPage(const HttpRequest& request, HttpResponse& response)
{
    // A link on a foreign page must not end the session; typed addresses ("none") and own pages may.
    const auto site = request.header("Sec-Fetch-Site");
    if (!site || *site == "same-origin" || *site == "none") {
        if (const auto* caller = request.principal())
            sessions_.logout(*caller, std::string(request.clientAddress()), std::string(request.requestId()));
        endCookies(response);
    }
    response.header("Location", "/dashboard?logged_out=1");
    response.send(303, "text/plain; charset=utf-8", "");
}

void AuthRoutes::me(const HttpRequest& request, HttpResponse& response)
{
    const auto user = sessions_.me(*request.principal());
    util::JsonWriter json;
    json.beginObject();
    writeAccount(json, user);
    json.member("email_notifications_enabled", user.emailNotifications).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, json.take());
}

} // namespace apbfarm::api

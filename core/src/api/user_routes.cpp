// SPDX-License-Identifier: MIT
#include "api/user_routes.h"

#include "api/auth_routes.h"
#include "api/json_views.h"
#include "api/query.h"
#include "api/route_notes.h"
#include "service/user_service_rules.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <limits>

namespace apbfarm::api {

namespace {

enum class Need { Required, Optional, RequiredOrNull };

/// The fields of a body, each of the type it must have; what is wrong is told at once for all of them.
class Fields {
public:
    explicit Fields(const HttpRequest& request) : body_(util::parseJsonObject(request.body())) {}

    /// `fallback` for an optional field that is absent or null; empty for null.
    std::string text(const std::string& name, Need need = Need::Required, std::string fallback = {})
    {
        const auto value = body_->get(name);
        if (value.isString())
            return value.extract<std::string>();
        if (!value.isEmpty())
            complaints_.add(name, "must be a text");
        else if (need == Need::Required || (need == Need::RequiredOrNull && !body_->has(name)))
            complaints_.add(name, "is required");
        return fallback;
    }
    bool flag(const std::string& name)
    {
        const auto value = body_->get(name);
        if (value.isBoolean())
            return value.extract<bool>();
        complaints_.add(name, value.isEmpty() ? "is required" : "must be true or false");
        return false;
    }
    void done() const { complaints_.raise(); }

private:
    Poco::JSON::Object::Ptr body_;
    service::Complaints complaints_;
};

UserId userIdOf(const HttpRequest& request)
{
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<UserId>::max());
    if (const auto id = util::parseUnsigned(request.param("user_id"), most))
        return static_cast<UserId>(*id);
    throw InvalidInput("The user id must be a whole number", "invalid_parameter",
                       {{"user_id", "must be a whole number"}});
}

void answer(HttpResponse& response, const std::string& message)
{
    util::JsonWriter json;
    json.beginObject().member("message", message).endObject();
    response.json(200, json.take());
}

void answerNotifications(HttpResponse& response, bool enabled)
{
    util::JsonWriter json;
    json.beginObject().member("message", enabled ? "Email notifications enabled" : "Email notifications disabled");
    json.member("email_notifications_enabled", enabled).endObject();
    response.json(200, json.take());
}

void writeWholeAccount(util::JsonWriter& json, const User& user)
{
    json.beginObject();
    writeAccount(json, user);
    json.member("is_active", user.active).member("email_notifications_enabled", user.emailNotifications).endObject();
}

bool wantedFlag(const HttpRequest& request)
{
    Fields fields(request);
    const auto enabled = fields.flag("enabled");
    fields.done();
    return enabled;
}

std::string wantedEmail(const HttpRequest& request)
{
    Fields fields(request);
    auto email = fields.text("email", Need::RequiredOrNull);
    fields.done();
    return email;
}

} // namespace

void UserRoutes::declare(RouteTable& routes)
{
    declareForAdmins(routes);
    declareForOwners(routes);
}

void UserRoutes::declareForAdmins(RouteTable& routes)
{
    const auto add = [&](Method method, const char* pattern, auto member, const char* summary, RouteNotes notes) {
        const auto body = notes.body.empty() ? BodyKind::None : BodyKind::Json;
        routes.add({.method = method, .pattern = std::string("/auth/users") + pattern, .access = Access::Admin,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); }, .body = body,
                    .summary = summary, .notes = std::move(notes)});
    };
    add(Method::Get, "", &UserRoutes::list, "All accounts", notes::accounts());
    add(Method::Post, "", &UserRoutes::create, "Make an account", notes::newAccount());
    add(Method::Delete, "/{user_id}", &UserRoutes::remove, "Delete an account; its builds stay", notes::deleteAccount());
    add(Method::Put, "/{user_id}/role", &UserRoutes::setRole, "Change the role of an account", notes::accountRole());
    add(Method::Put, "/{user_id}/email", &UserRoutes::setEmail, "Change the address of an account",
        notes::accountEmail(false));
    add(Method::Put, "/{user_id}/email-notifications", &UserRoutes::setNotifications,
        "Whether an account gets messages about its builds", notes::accountNotifications(false));
    add(Method::Post, "/{user_id}/revoke-tokens", &UserRoutes::revokeTokens, "End all sessions of an account",
        notes::revokeTokens());
    add(Method::Get, "/{user_id}/builds", &UserRoutes::builds, "Builds of an account", notes::accountBuilds());
}

void UserRoutes::declareForOwners(RouteTable& routes)
{
    const auto add = [&](const char* pattern, auto member, const char* summary, RouteNotes notes) {
        routes.add({.method = Method::Put, .pattern = pattern, .access = Access::User,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); },
                    .body = BodyKind::Json, .summary = summary, .notes = std::move(notes)});
    };
    add("/auth/my/email", &UserRoutes::setMyEmail, "Change one's own address", notes::accountEmail(true));
    add("/auth/my/email-notifications", &UserRoutes::setMyNotifications,
        "Whether one gets messages about one's own builds", notes::accountNotifications(true));
    add("/auth/change-password", &UserRoutes::changePassword, "Change one's own password; all other sessions end",
        notes::changePassword());
}

void UserRoutes::list(const HttpRequest&, HttpResponse& response)
{
    util::JsonWriter json;
    json.beginArray();
    for (const auto& user : users_.list())
        writeWholeAccount(json, user);
    json.endArray();
    response.header("Cache-Control", "no-store");
    response.json(200, json.take());
}

void UserRoutes::create(const HttpRequest& request, HttpResponse& response)
{
    Fields fields(request);
    service::NewAccount wanted;
    wanted.username = fields.text("username");
    wanted.password = fields.text("password");
    wanted.role = fields.text("role", Need::Optional, "user");
    wanted.email = fields.text("email", Need::Optional);
    fields.done();
    util::JsonWriter json;
    writeWholeAccount(json, users_.create(wanted, callerOf(request)));
    response.header("Cache-Control", "no-store");
    response.json(200, json.take());
}

void UserRoutes::remove(const HttpRequest& request, HttpResponse& response)
{
    const auto id = userIdOf(request);
    users_.remove(id, callerOf(request));
    answer(response, "User " + std::to_string(id) + " deleted successfully");
}

void UserRoutes::setRole(const HttpRequest& request, HttpResponse& response)
{
    const auto id = userIdOf(request);
    Fields fields(request);
    const auto word = fields.text("role");
    fields.done();
    const auto role = users_.setRole(id, word, callerOf(request));
    answer(response, "User role changed to " + std::string(toText(role)));
}

void UserRoutes::setEmail(const HttpRequest& request, HttpResponse& response)
{
    users_.setEmail(userIdOf(request), wantedEmail(request), callerOf(request));
    answer(response, "User email updated successfully");
}

void UserRoutes::setMyEmail(const HttpRequest& request, HttpResponse& response)
{
    users_.setEmail(request.principal()->id, wantedEmail(request), callerOf(request));
    answer(response, "Email updated successfully");
}

void UserRoutes::setNotifications(const HttpRequest& request, HttpResponse& response)
{
    const auto enabled = wantedFlag(request);
    users_.setNotifications(userIdOf(request), enabled, callerOf(request));
    answerNotifications(response, enabled);
}

void UserRoutes::setMyNotifications(const HttpRequest& request, HttpResponse& response)
{
    const auto enabled = wantedFlag(request);
    users_.setNotifications(request.principal()->id, enabled, callerOf(request));
    answerNotifications(response, enabled);
}

void UserRoutes::revokeTokens(const HttpRequest& request, HttpResponse& response)
{
    const auto id = userIdOf(request);
    const auto count = users_.revokeTokens(id, callerOf(request));
    answer(response, "Revoked " + std::to_string(count) + " tokens for user " + std::to_string(id));
}

void UserRoutes::builds(const HttpRequest& request, HttpResponse& response)
{
    const auto user = users_.find(userIdOf(request));
    BuildQuery query;
    query.limit = static_cast<int>(numberFrom(request, "limit", 50, 1, 200));
    query.owner = user.id;
    const auto builds = builds_.list(query);
    util::JsonWriter json;
    json.beginObject().member("user_id", user.id).member("username", user.username).key("builds").beginArray();
    for (const auto& build : builds)
        json::listed(json, build, json::Times::Epoch, true);
    json.endArray().member("total", static_cast<std::uint64_t>(builds.size())).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, json.take());
}

void UserRoutes::changePassword(const HttpRequest& request, HttpResponse& response)
{
    Fields fields(request);
    service::PasswordChange change;
    change.current = fields.text("current_password");
    change.wanted = fields.text("new_password");
    change.confirmed = fields.text("confirm_password");
    fields.done();
    users_.changePassword(change, callerOf(request));
    answer(response, "Password changed successfully");
}

} // namespace apbfarm::api

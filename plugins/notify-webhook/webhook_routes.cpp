// SPDX-License-Identifier: MIT
#include "webhook_routes.h"

#include <apbfarm/errors.h>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

namespace webhook {

using namespace apbfarm;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

constexpr int kRefusalsShown = 100;
constexpr std::chrono::seconds kTestTime{30};

std::string textOf(const Object& object)
{
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

void setOrNull(Object& object, const char* name, const std::optional<double>& value)
{
    object.set(name, value ? Poco::Dynamic::Var(*value) : Poco::Dynamic::Var());
}

Object describe(const Target& target, const TargetState& state)
{
    Array events;
    for (const auto& event : target.events)
        events.add(event);
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("name", target.name);
    object.set("template", std::string(toText(target.format)));
    object.set("host", target.url.host);
    object.set("encrypted", target.url.secure);
    object.set("signed", !target.secret.empty());
    object.set("events", events);
    object.set("delivered", state.delivered);
    object.set("refused", state.refused);
    object.set("failed", state.failed);
    setOrNull(object, "last_delivered_at", state.lastDeliveredAt);
    setOrNull(object, "failing_since", state.failingSince);
    object.set("last_error", state.lastError);
    return object;
}

Object describe(const Refusal& refusal)
{
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", refusal.message);
    object.set("target", refusal.target);
    object.set("event", refusal.event);
    object.set("subject", refusal.subject);
    object.set("reason", refusal.reason);
    object.set("at", refusal.at);
    return object;
}

std::vector<ApiField> targetFields()
{
    return {{"name", "string", ""},
            {"template", "string generic|matrix|slack|discord|ntfy", ""},
            {"host", "string", "The rest of the URL is secret"},
            {"encrypted", "boolean", ""},
            {"signed", "boolean", ""},
            {"events", "string[]", "What it is told of"},
            {"delivered", "integer", ""},
            {"refused", "integer", "Put aside"},
            {"failed", "integer", "Tries that are repeated"},
            {"last_delivered_at", "number?", "Seconds since 1970"},
            {"failing_since", "number?", "null while it takes what it is given"},
            {"last_error", "string", "Empty when it never failed"}};
}

std::vector<ApiField> refusalFields()
{
    return {{"id", "string", "Of the delivery"}, {"target", "string", ""}, {"event", "string", ""},
            {"subject", "string", ""},           {"reason", "string", ""}, {"at", "number", "Seconds since 1970"}};
}

Notification testMessage(const HttpRequest& request)
{
    Notification message;
    message.id = request.requestId();
    message.kind = NotificationKind::Test;
    message.subject = "APB Farm test message";
    message.text = "This is a test message of your APB Farm.\n\nThis webhook works.\n";
    message.createdAt = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    return message;
}

} // namespace

void WebhookRoutes::declare(RouteTable& routes)
{
    RouteNotes shown{.topic = "Webhooks",
                     .answers = {{200, "Since the start of the farm; what was refused, of 30 days",
                                  {{"targets", "object[]", "", targetFields()}, {"refused", "object[]", "", refusalFields()}}}}};
    RouteNotes tested{.topic = "Webhooks",
                      .answers = {{200, "What became of it", {{"success", "boolean", ""}, {"detail", "string", "For people"}}},
                                  {404, "No such target"},
                                  {429, "A test is under way, or there were too many"}}};
    routes.add({.method = Method::Get, .pattern = "/admin/webhooks", .access = Access::Admin,
                .handler = [this](auto&, auto& out) { show(out); }, .body = BodyKind::None,
                .summary = "The targets of webhooks and what they refused", .notes = std::move(shown)});
    routes.add({.method = Method::Post, .pattern = "/admin/webhooks/{target}/test", .access = Access::Admin,
                .handler = [this](auto& in, auto& out) { test(in, out); }, .body = BodyKind::None,
                .summary = "Send a test message", .notes = std::move(tested)});
}

void WebhookRoutes::show(HttpResponse& response)
{
    Array targets, refused;
    const auto current = desk_->targets();
    for (const auto& target : *current)
        targets.add(describe(target, desk_->stateOf(target)));
    for (const auto& refusal : desk_->refusals(kRefusalsShown))
        refused.add(describe(refusal));
    Object answer(Poco::JSON_PRESERVE_KEY_ORDER);
    answer.set("targets", targets);
    answer.set("refused", refused);
    response.json(200, textOf(answer));
}

void WebhookRoutes::test(const HttpRequest& request, HttpResponse& response)
{
    const auto targets = desk_->targets();
    const auto target = std::ranges::find(*targets, request.param("target"), &Target::name);
    if (target == targets->end())
        throw NotFound("There is no webhook of that name", "webhook_not_found");
    const auto turn = allowance_.take();
    const auto tried = desk_->attempt(*target, testMessage(request), kTestTime);
    Object answer(Poco::JSON_PRESERVE_KEY_ORDER);
    answer.set("success", tried.outcome == Attempt::Outcome::Delivered);
    answer.set("detail", tried.why.empty() ? "The webhook took the message" : "The webhook did not take it: " + tried.why);
    response.json(200, textOf(answer));
}

} // namespace webhook

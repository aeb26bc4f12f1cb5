// SPDX-License-Identifier: MIT
#include "smtp_routes.h"

#include "mail_error.h"
#include "smtp_json.h"
#include "smtp_notifier.h"

#include <apbfarm/errors.h>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/JSON/Object.h>
#include <Poco/Logger.h>

#include <sstream>

namespace smtp {

using namespace apbfarm;
using Poco::JSON::Object;

namespace {

std::string toText(const Object& object)
{
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Notification testMail(const std::string& address, const HttpRequest& request)
{
    Notification mail;
    mail.id = request.requestId();
    mail.kind = NotificationKind::Test;
    mail.recipientEmail = address;
    mail.subject = "APB Farm test mail";
    mail.text = "This is a test mail of your APB Farm.\n\nIts mail settings work.\n";
    mail.createdAt = now();
    return mail;
}

std::string testFailure(const MailError& error, const HttpRequest& request)
{
    Object answer(Poco::JSON_PRESERVE_KEY_ORDER);
    answer.set("success", false);
    answer.set("error", error.trouble() == MailTrouble::NotConfigured ? "SMTP not configured" : "SMTP connection failed");
    answer.set("detail", std::string(error.what()));
    answer.set("error_type", "smtp_test_failed");
    answer.set("timestamp", Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::ISO8601_FORMAT));
    answer.set("request_id", std::string(request.requestId()));
    return toText(answer);
}

using Fields = std::vector<ApiField>;

Fields inputFields()
{
    return {{"server", "string", "Name or address of the mail server"},
            {"port?", "integer? 1..65535 = 587", ""},
            {"username?", "string?", "None: no log-in"},
            {"password?", "string?", "Absent: the stored one stays"},
            {"use_tls?", "boolean? = true", ""},
            {"from_email?", "string?", "The sender"},
            {"from_name?", "string?", ""}};
}

Fields settingsFields()
{
    return {{"id", "integer", ""},
            {"server", "string", ""},
            {"port", "integer", ""},
            {"username", "string?", ""},
            {"use_tls", "boolean", ""},
            {"from_email", "string?", ""},
            {"from_name", "string?", ""},
            {"created_at", "number", "Seconds since 1970"},
            {"updated_at", "number", "Seconds since 1970"}};
}

} // namespace

SmtpRoutes::SmtpRoutes(ExtensionContext& context, MailOptions options)
    : settings_(context.storage(), context.secrets()), audit_(context.storage().audit()), options_(std::move(options)), logger_(context.logger())
{
}

void SmtpRoutes::declare(RouteTable& routes)
{
    const auto add = [&](Method method, const char* pattern, Handler handler, const char* summary, RouteNotes notes) {
        const auto body = notes.body.empty() ? BodyKind::None : BodyKind::Json;
        notes.topic = "Mail";
        routes.add({.method = method, .pattern = pattern, .access = Access::Admin, .handler = std::move(handler),
                    .body = body, .summary = summary, .notes = std::move(notes)});
    };
    add(Method::Get, "/admin/smtp", [this](auto&, auto& out) { show(out); }, "The mail server, or null",
        {.answers = {{200, "Without the password", settingsFields(), "object?"}}});
    add(Method::Post, "/admin/smtp", [this](auto& in, auto& out) { save(in, out); }, "Set the mail server",
        {.body = inputFields(), .answers = {{200, "Stored", settingsFields()}}});
    add(Method::Delete, "/admin/smtp", [this](auto& in, auto& out) { remove(in, out); }, "Forget the mail server",
        {.answers = {{200, "Done", {{"message", "string", "For people"}}}, {404, "There was none"}}});
    add(Method::Post, "/admin/smtp/test", [this](auto& in, auto& out) { test(in, out); }, "Send a test mail",
        {.body = {{"test_email", "string", "Where to"}},
         .answers = {{200, "The mail server took it",
                      {{"success", "boolean", ""}, {"message", "string", "For people"}}},
                     {400, "It did not; detail says why"},
                     {429, "A test is under way, or there were too many"}}});
}

void SmtpRoutes::show(HttpResponse& response)
{
    const auto config = settings_.find();
    response.json(200, config ? toJson(*config) : "null");
}

void SmtpRoutes::save(const HttpRequest& request, HttpResponse& response)
{
    auto input = readSmtpInput(request.body());
    const auto saved = settings_.save(std::move(input.config), input.password);
    record("smtp_changed", saved.server + ":" + std::to_string(saved.port), request);
    response.json(200, toJson(saved));
}

void SmtpRoutes::remove(const HttpRequest& request, HttpResponse& response)
{
    if (!settings_.remove())
        throw NotFound("No SMTP configuration found", "smtp_config_not_found");
    record("smtp_removed", "ok", request);
    response.json(200, R"({"message":"SMTP configuration deleted successfully"})");
}

void SmtpRoutes::test(const HttpRequest& request, HttpResponse& response)
{
    const auto address = readTestAddress(request.body());
    const auto turn = allowance_.take();
    try {
        sendConfigured(settings_, options_, testMail(address, request));
    } catch (const MailError& error) {
        logger_.warning("A test mail did not go out: %s", std::string(error.what()));
        return response.json(400, testFailure(error, request));
    }
    Object answer(Poco::JSON_PRESERVE_KEY_ORDER);
    answer.set("success", true);
    answer.set("message", "Test email sent successfully to " + address);
    response.json(200, toText(answer));
}

void SmtpRoutes::record(const char* action, const std::string& result, const HttpRequest& request)
{
    AuditEvent event;
    event.at = now();
    event.actor = request.principal()->username;
    event.action = action;
    event.target = "smtp";
    event.address = request.clientAddress();
    event.result = result;
    event.requestId = request.requestId();
    audit_.append(event);
}

} // namespace smtp

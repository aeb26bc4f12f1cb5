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
#include <Poco/UUIDGenerator.h>

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

Notification testMail(const std::string& address)
{
    Notification mail;
    mail.id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
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

} // namespace

SmtpRoutes::SmtpRoutes(ExtensionContext& context, MailOptions options)
    : settings_(context.storage(), context.secrets()), options_(std::move(options)), logger_(context.logger())
{
}

void SmtpRoutes::declare(RouteTable& routes)
{
    routes.get("/admin/smtp", Access::Admin, [this](auto&, auto& out) { show(out); });
    routes.post("/admin/smtp", Access::Admin, BodyKind::Json, [this](auto& in, auto& out) { save(in, out); });
    routes.remove("/admin/smtp", Access::Admin, [this](auto&, auto& out) { remove(out); });
    routes.post("/admin/smtp/test", Access::Admin, BodyKind::Json, [this](auto& in, auto& out) { test(in, out); });
}

void SmtpRoutes::show(HttpResponse& response)
{
    const auto config = settings_.find();
    response.json(200, config ? toJson(*config) : "null");
}

void SmtpRoutes::save(const HttpRequest& request, HttpResponse& response)
{
    auto input = readSmtpInput(request.body());
    response.json(200, toJson(settings_.save(std::move(input.config), input.password)));
}

void SmtpRoutes::remove(HttpResponse& response)
{
    if (!settings_.remove())
        throw NotFound("No SMTP configuration found", "smtp_config_not_found");
    response.json(200, R"({"message":"SMTP configuration deleted successfully"})");
}

void SmtpRoutes::test(const HttpRequest& request, HttpResponse& response)
{
    const auto address = readTestAddress(request.body());
    const auto turn = allowance_.take();
    try {
        sendConfigured(settings_, options_, testMail(address));
    } catch (const MailError& error) {
        logger_.warning("A test mail did not go out: %s", std::string(error.what()));
        return response.json(400, testFailure(error, request));
    }
    Object answer(Poco::JSON_PRESERVE_KEY_ORDER);
    answer.set("success", true);
    answer.set("message", "Test email sent successfully to " + address);
    response.json(200, toText(answer));
}

} // namespace smtp

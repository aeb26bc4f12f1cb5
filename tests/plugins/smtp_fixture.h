// SPDX-License-Identifier: MIT
#pragma once

#include "plugins/bundled_plugins.h"
#include "plugins/mail_server.h"
#include "support/http_exchange.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <string>

namespace apbfarm::test {

/// The mail plugin with its routes over a real database.
struct SmtpFixture : BundledPlugins {
    SmtpFixture() { load({"notify-smtp"}); }

    /// Makes both extensions; options are set before.
    void start()
    {
        notifier = host.createNotifier("smtp");
        host.createHttpModule("smtp").declare(routes);
    }
    SentResponse ask(Method method, const std::string& path, const std::string& body = "")
    {
        ReceivedRequest request;
        request.path = path;
        request.text = body;
        request.caller = Principal{1, "admin", Role::Admin, 1};
        SentResponse response;
        routes.find(method, path)->handler(request, response);
        return response;
    }
    SentResponse configure(std::uint16_t port, const std::string& more = "")
    {
        return ask(Method::Post, "/admin/smtp",
                   R"({"server":"localhost","port":)" + std::to_string(port) + more + "}");
    }
    SentResponse sendTest() { return ask(Method::Post, "/admin/smtp/test", R"({"test_email":"admin@example.org"})"); }

    static Poco::JSON::Object::Ptr object(const std::string& text)
    {
        Poco::JSON::Parser parser;
        return parser.parse(text).extract<Poco::JSON::Object::Ptr>();
    }
    static Notification notification()
    {
        Notification message;
        message.id = "b3f1c2d4-1111-4222-8333-444455556666";
        message.recipientName = "alice";
        message.recipientEmail = "alice@example.org";
        message.subject = "APB Build Completed Successfully: hello";
        message.text = "Your build is done.\n";
        message.createdAt = fromEpoch(1'700'000'000);
        return message;
    }

    Storage& storage = openStorage();
    CollectedRoutes routes;
    Notifier* notifier = nullptr;
};

} // namespace apbfarm::test

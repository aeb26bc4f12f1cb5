// SPDX-License-Identifier: MIT
#pragma once

#include "plugins/bundled_plugins.h"
#include "support/http_exchange.h"
#include "support/secret_file.h"
#include "support/webhook_receiver.h"

#include <string>

namespace apbfarm::test {

constexpr auto kHookSecret = "0123456789abcdef0123456789abcdef";

/// The webhook plugin with its routes over a real database, and a receiver.
struct WebhookFixture : BundledPlugins {
    WebhookFixture()
    {
        load({"notify-webhook"});
        set("notify.webhook.allowPrivate", "true");
        set("notify.webhook.timeout", "2");
    }
    /// Lines for one target that is not encrypted.
    static std::string target(const std::string& name, const std::string& url, const std::string& more = "")
    {
        return name + ".url = " + url + "\n" + name + ".plainHttp = true\n" + more;
    }
    /// One signed target named team.
    void startOne(const std::string& more = "")
    {
        start(target("team", receiver.url(), std::string("team.secret = ") + kHookSecret + "\n" + more));
    }
    void start(const std::string& targets)
    {
        set("notify.webhook.targetsFile", writeSecretFile(dir / "webhooks", targets));
        notifier = host.createNotifier("webhook");
        host.createHttpModule("webhook").declare(routes);
    }
    /// What is said when a notifier cannot be made with such a file; empty when it can.
    std::string complaintAbout(const std::string& targets, const std::string& allowPrivate)
    {
        BundledPlugins other;
        other.openStorage();
        other.load({"notify-webhook"});
        other.set("notify.webhook.allowPrivate", allowPrivate);
        other.set("notify.webhook.targetsFile", writeSecretFile(dir / "webhooks", targets));
        try {
            other.host.createNotifier("webhook");
        } catch (const std::exception& error) {
            return error.what();
        }
        return {};
    }
    SentResponse ask(Method method, const std::string& pattern, const std::string& name = "")
    {
        ReceivedRequest request;
        request.params["target"] = name;
        request.caller = Principal{1, "admin", Role::Admin, 1};
        SentResponse response;
        routes.find(method, pattern)->handler(request, response);
        return response;
    }
    SentResponse show() { return ask(Method::Get, "/admin/webhooks"); }
    SentResponse sendTest(const std::string& name) { return ask(Method::Post, "/admin/webhooks/{target}/test", name); }

    /// Empty when it was delivered, else "later: ..." or "never: ...".
    std::string deliver(const Notification& message)
    {
        try {
            notifier->deliver(message);
        } catch (const InvalidInput& error) {
            return std::string("never: ") + error.what();
        } catch (const std::exception& error) {
            return std::string("later: ") + error.what();
        }
        return {};
    }
    static Notification finished(const std::string& status = "failed", const std::string& id = "b3f1c2d4-1111-4222-8333-444455556666")
    {
        Notification message;
        message.id = id;
        message.subject = "APB Build Failed: zlib (x86_64) - 48ea1df5";
        message.text = "Build of zlib for x86_64: " + status + "\n\nhttps://farm.example.org/build/48ea1df5/status\n";
        message.facts = {{"pkgname", "zlib"}, {"status", status}, {"url", "https://farm.example.org/build/48ea1df5/status"}};
        message.createdAt = fromEpoch(1'700'000'000);
        return message;
    }

    Storage& storage = openStorage();
    WebhookReceiver receiver;
    CollectedRoutes routes;
    Notifier* notifier = nullptr;
};

} // namespace apbfarm::test

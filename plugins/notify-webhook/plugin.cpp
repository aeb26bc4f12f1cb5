// SPDX-License-Identifier: MIT
#include "hook_desk.h"
#include "webhook_routes.h"

#include <apbfarm/plugin.h>

#include <memory>

namespace {

using namespace apbfarm;

/// Tells a channel: each target gets each event once, whoever it concerns.
class WebhookNotifier final : public Notifier {
public:
    explicit WebhookNotifier(std::shared_ptr<webhook::HookDesk> desk) : desk_(std::move(desk)) {}

    bool enabled() override { return !desk_->targets()->empty(); }
    Audience audience() override { return Audience::Channel; }
    void deliver(const Notification& notification) override { desk_->deliver(notification); }

private:
    std::shared_ptr<webhook::HookDesk> desk_;
};

} // namespace

APB_FARM_PLUGIN("notify-webhook", "1.0.0")
{
    // The routes show what the notifier does; the notifier is made first.
    auto current = std::make_shared<std::weak_ptr<webhook::HookDesk>>();

    registry.add(Provider<Notifier>{
        .name = "webhook",
        .summary = "Sends signed events to URLs: JSON, Matrix, Slack, Discord, ntfy",
        .options =
            {
                {"targetsFile", "", "Names, URLs and secrets of the receivers (mode 0600); empty: the credential "
                                    "apb-farm.webhooks"},
                {"caFile", "", "Certificates that those of receivers are checked against (PEM); empty: the system's"},
                {"allowPrivate", "false", "Contact addresses of this machine and of private networks", OptionKind::Flag},
                {"timeout", "10", "Seconds that one request may take in all", OptionKind::Whole, 1, 30},
            },
        .create = [current](ExtensionContext& context) {
            auto desk = std::make_shared<webhook::HookDesk>(context);
            *current = desk;
            return std::make_unique<WebhookNotifier>(std::move(desk));
        },
    });
    registry.add(Provider<HttpModule>{
        .name = "webhook",
        .summary = "The routes /admin/webhooks: how the receivers do, and test messages",
        .options = {},
        .create = [current](ExtensionContext&) {
            auto desk = current->lock();
            if (!desk)
                throw InvalidInput("http.modules names webhook, but notify does not; add it there, too");
            return std::make_unique<webhook::WebhookRoutes>(std::move(desk));
        },
    });
}

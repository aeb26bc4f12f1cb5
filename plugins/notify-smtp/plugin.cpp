// SPDX-License-Identifier: MIT
#include "smtp_notifier.h"
#include "smtp_routes.h"

#include <apbfarm/plugin.h>

#include <memory>

APB_FARM_PLUGIN("notify-smtp", "1.0.0")
{
    // One set of mail options for both extensions: the notifier reads them, test mails are sent with the same.
    auto options = std::make_shared<smtp::MailOptions>();

    registry.add(apbfarm::Provider<apbfarm::Notifier>{
        .name = "smtp",
        .summary = "Sends messages as e-mail through the mail server set with /admin/smtp",
        .options =
            {
                {"caFile", "", "Certificates that the mail server's is checked against (PEM); empty: the system's"},
                {"allowPlainAuth", "false", "Send user name and password to the mail server without encryption",
                 apbfarm::OptionKind::Flag},
                {"implicitTlsPorts", "465", "Ports on which TLS begins with the first byte instead of STARTTLS"},
                {"timeout", "30", "Seconds that one mail may take in all", apbfarm::OptionKind::Whole, 1, 30},
            },
        .create = [options](apbfarm::ExtensionContext& context) {
            *options = smtp::readMailOptions(context.config());
            return std::make_unique<smtp::SmtpNotifier>(context, *options);
        },
    });
    registry.add(apbfarm::Provider<apbfarm::HttpModule>{
        .name = "smtp",
        .summary = "The routes /admin/smtp: show, set, remove and test the mail server",
        .options = {},
        .create = [options](apbfarm::ExtensionContext& context) {
            return std::make_unique<smtp::SmtpRoutes>(context, *options);
        },
    });
}

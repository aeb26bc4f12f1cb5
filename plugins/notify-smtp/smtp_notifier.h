// SPDX-License-Identifier: MIT
#pragma once

#include "mail_sender.h"
#include "smtp_settings.h"

#include <apbfarm/context.h>
#include <apbfarm/notifier.h>

namespace smtp {

/// Sends each message as one mail through the configured server.
class SmtpNotifier final : public apbfarm::Notifier {
public:
    SmtpNotifier(apbfarm::ExtensionContext& context, MailOptions options);

    /// Whether a mail server is configured.
    bool enabled() override;
    void deliver(const apbfarm::Notification& notification) override;

private:
    SmtpSettings settings_;
    MailOptions options_;
};

/// Sends with what is configured right now. Throws as `sendMail` does.
void sendConfigured(SmtpSettings& settings, const MailOptions& options, const apbfarm::Notification& notification);

} // namespace smtp

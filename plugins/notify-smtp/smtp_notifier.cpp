// SPDX-License-Identifier: MIT
#include "smtp_notifier.h"

#include "mail_error.h"

#include <apbfarm/errors.h>

namespace smtp {

using namespace apbfarm;

namespace {

std::string passwordOf(SmtpSettings& settings, const SmtpConfig& config)
{
    try {
        return settings.openPassword(config);
    } catch (const InvalidInput&) {
        throw MailError(MailTrouble::PasswordUnreadable);
    }
}

} // namespace

void sendConfigured(SmtpSettings& settings, const MailOptions& options, const Notification& notification)
{
    const auto config = settings.find();
    if (!config)
        throw MailError(MailTrouble::NotConfigured);
    sendMail(*config, passwordOf(settings, *config), options, notification);
}

SmtpNotifier::SmtpNotifier(ExtensionContext& context, MailOptions options)
    : settings_(context.storage(), context.secrets()), options_(std::move(options))
{
}

bool SmtpNotifier::enabled()
{
    return settings_.find().has_value();
}

void SmtpNotifier::deliver(const Notification& notification)
{
    try {
        sendConfigured(settings_, options_, notification);
    } catch (const MailError& error) {
        if (error.isPermanent())
            throw InvalidInput(error.what(), "mail_refused");
        throw;
    }
}

} // namespace smtp

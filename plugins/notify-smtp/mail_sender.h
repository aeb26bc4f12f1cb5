// SPDX-License-Identifier: MIT
#pragma once

#include "smtp_settings.h"

#include <apbfarm/context.h>
#include <apbfarm/model.h>

#include <chrono>
#include <set>
#include <string>

namespace smtp {

struct MailOptions {
    std::string caFile;              ///< PEM; empty: the system's certificates
    bool allowPlainAuth = false;     ///< a password may go over an unencrypted connection
    std::set<int> implicitTlsPorts{465}; ///< no STARTTLS there: TLS begins with the first byte
    std::chrono::seconds timeout{30}; ///< for one mail in all
};

/// Throws `InvalidInput` when an option is wrong or the file cannot be read.
MailOptions readMailOptions(const apbfarm::OptionView& options);

/// Sends one mail and returns when the server has taken it. Blocks for at most the timeout, apart from the look-up of
/// the host's name. Throws `InvalidInput` when it cannot be put into a mail, `MailError` for everything else.
void sendMail(const SmtpConfig& config, const std::string& password, const MailOptions& options,
              const apbfarm::Notification& notification);

} // namespace smtp

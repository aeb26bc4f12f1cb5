// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <string_view>

namespace apbfarm {

/// The word for structured receivers. It never changes; new kinds get new words.
constexpr std::string_view toText(NotificationKind kind)
{
    switch (kind) {
    case NotificationKind::BuildFinished: return "build-finished";
    case NotificationKind::AccountCreated: return "account-created";
    case NotificationKind::AccountDeleted: return "account-deleted";
    case NotificationKind::RoleChanged: return "role-changed";
    case NotificationKind::EmailChanged: return "email-changed";
    case NotificationKind::PasswordChanged: return "password-changed";
    case NotificationKind::TokensRevoked: return "tokens-revoked";
    case NotificationKind::ServerTrouble: return "server-trouble";
    case NotificationKind::Test: return "test";
    }
    return "test";
}

/// Delivers messages. Who is told about what is the farm's business.
///
/// Called from the notification thread, one call at a time. May block, at most 30 seconds in all.
class APB_FARM_VISIBLE Notifier {
public:
    virtual ~Notifier() = default;

    /// Whether it is configured and wants messages at all. While false, nothing is queued for it.
    virtual bool enabled() = 0;

    /// Returns when the receiver has taken responsibility. Throws `InvalidInput` when this message will never be
    /// accepted (it is put aside); anything else that is thrown means "later", with growing delay up to 24 hours.
    virtual void deliver(const Notification& notification) = 0;
};

} // namespace apbfarm

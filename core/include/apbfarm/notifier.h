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

/// Whom a notifier reaches.
enum class Audience {
    People,  ///< one message for each person with an address
    Channel  ///< one message for each event, without a recipient: a chat room, another program
};

/// Delivers messages. Who is told about what is the farm's business.
///
/// Called from the notification thread, one call at a time. May block, at most 30 seconds in all.
class APB_FARM_VISIBLE Notifier {
public:
    virtual ~Notifier() = default;

    /// Whether it is configured and wants messages at all. While false, nothing is queued for it.
    virtual bool enabled() = 0;

    /// Does not change. A channel is told of every build that was submitted, whoever owns it, and of trouble with the
    /// farm, but nothing about accounts.
    virtual Audience audience() { return Audience::People; }

    /// Returns when the receiver has taken responsibility. Throws `InvalidInput` when this message will never be
    /// accepted (it is put aside); anything else that is thrown means "later", with growing delay up to 24 hours;
    /// not before the `retryAfter` of an `Unavailable` or `TooMany`.
    virtual void deliver(const Notification& notification) = 0;
};

} // namespace apbfarm

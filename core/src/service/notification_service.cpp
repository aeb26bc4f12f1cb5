// SPDX-License-Identifier: MIT
#include "service/notification_service.h"

#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

constexpr int kBatch = 20;
constexpr std::chrono::seconds kFirstRetry{30};
constexpr std::chrono::seconds kLongestRetry{std::chrono::hours(6)};
constexpr std::chrono::hours kGiveUpAfter{24};   // threat-model M1

std::string headlineOf(BuildState state)
{
    switch (state) {
    case BuildState::Completed: return "Completed Successfully";
    case BuildState::Cancelled: return "Cancelled";
    default: return "Failed";
    }
}

std::chrono::seconds retryDelay(int attempts)
{
    return std::min(kLongestRetry, kFirstRetry * (1 << std::min(attempts, 12)));
}

} // namespace

NotificationService::NotificationService(UserStore& users, OutboxStore& outbox, std::vector<Notifier*> notifiers,
                                         const util::Clock& clock, std::string baseUrl)
    : users_(users), outbox_(outbox), notifiers_(std::move(notifiers)), clock_(clock), baseUrl_(std::move(baseUrl))
{
}

bool NotificationService::anyEnabled()
{
    return std::ranges::any_of(notifiers_, [](Notifier* notifier) { return notifier->enabled(); });
}

std::vector<Notification> NotificationService::forConcluded(const Build& build)
{
    if (!build.owner || !anyEnabled())
        return {};
    const auto owner = users_.find(*build.owner);
    if (!owner || !owner->active || owner->email.empty() || !owner->emailNotifications)
        return {};
    Notification message;
    message.id = util::randomUuid();
    message.kind = NotificationKind::BuildFinished;
    message.recipientName = owner->username;
    message.recipientEmail = owner->email;
    message.subject = "APB Build " + headlineOf(build.state) + ": " + build.pkgname + " (" + build.architecture + ") - " +
                      build.id.substr(0, 8);
    message.text = "Build of " + build.pkgname + " for " + build.architecture + ": " +
                   std::string(toText(statusOf(build.state))) + "\n" +
                   (build.reason.empty() ? "" : build.reason + "\n") + "\n" + baseUrl_ + "/build/" + build.id +
                   "/status\n";
    message.facts = {{"build_id", build.id},
                     {"pkgname", build.pkgname},
                     {"arch", build.architecture},
                     {"status", std::string(toText(statusOf(build.state)))}};
    message.createdAt = clock_.wall();
    return {message};
}

void NotificationService::accountCreated(const User& user)
{
    tell(user, user.email, NotificationKind::AccountCreated, "APB Farm: your account was created",
         "An administrator made the account " + user.username + " for you, with the role " +
             std::string(toText(user.role)) + ". The password comes from the administrator.");
}

void NotificationService::accountDeleted(const User& user)
{
    tell(user, user.email, NotificationKind::AccountDeleted, "APB Farm: your account was deleted",
         "An administrator deleted your account " + user.username + ". You cannot log in any more.");
}

void NotificationService::roleChanged(const User& user)
{
    tell(user, user.email, NotificationKind::RoleChanged, "APB Farm: your role was changed",
         "Your account " + user.username + " has the role " + std::string(toText(user.role)) + " now.");
}

void NotificationService::emailChanged(const User& user, const std::string& before)
{
    tell(user, before, NotificationKind::EmailChanged, "APB Farm: your e-mail address was changed",
         "Messages for your account " + user.username + " do not go to this address any more.");
    tell(user, user.email, NotificationKind::EmailChanged, "APB Farm: your e-mail address was changed",
         "Messages for your account " + user.username + " go to this address from now on.");
}

void NotificationService::passwordChanged(const User& user)
{
    tell(user, user.email, NotificationKind::PasswordChanged, "APB Farm: your password was changed",
         "The password of your account " + user.username +
             " was changed, and all other sessions were ended. If that was not you, tell an administrator.");
}

void NotificationService::tokensRevoked(const User& user)
{
    tell(user, user.email, NotificationKind::TokensRevoked, "APB Farm: your sessions were ended",
         "An administrator ended all sessions of your account " + user.username + ". Log in again to go on.");
}

void NotificationService::tell(const User& user, const std::string& email, NotificationKind kind,
                               const std::string& subject, const std::string& sentence)
{
    if (email.empty() || !anyEnabled())
        return;
    Notification message;
    message.id = util::randomUuid();
    message.kind = kind;
    message.recipientName = user.username;
    message.recipientEmail = email;
    message.subject = subject;
    message.text = sentence + "\n" + link("/dashboard");
    message.facts = {{"username", user.username}, {"role", std::string(toText(user.role))}};
    message.createdAt = clock_.wall();
    outbox_.add(message);
}

int NotificationService::administratorsAlerted(const std::string& subject, const std::string& text,
                                               const std::map<std::string, std::string>& facts)
{
    if (!anyEnabled())
        return 0;
    int told = 0;
    for (const auto& user : users_.list(false)) {
        if (user.role != Role::Admin || user.email.empty())
            continue;
        Notification message;
        message.id = util::randomUuid();
        message.kind = NotificationKind::ServerTrouble;
        message.recipientName = user.username;
        message.recipientEmail = user.email;
        message.subject = subject;
        message.text = text + "\n" + link("/dashboard");
        message.facts = facts;
        message.createdAt = clock_.wall();
        outbox_.add(message);
        ++told;
    }
    return told;
}

int NotificationService::deliverDue()
{
    if (!anyEnabled())
        return 0;
    const auto due = outbox_.due(clock_.wall(), kBatch);
    for (const auto& message : due)
        deliver(message);
    return static_cast<int>(due.size());
}

void NotificationService::deliver(const Notification& message)
{
    try {
        for (auto* notifier : notifiers_)
            if (notifier->enabled())
                notifier->deliver(message);
        outbox_.delivered(message.id);
    } catch (const InvalidInput& refused) {
        outbox_.giveUp(message.id, util::oneLine(refused.what()));
    } catch (const std::exception& error) {
        const auto now = clock_.wall();
        if (now - message.createdAt >= kGiveUpAfter)
            outbox_.giveUp(message.id, util::oneLine(error.what()));
        else
            outbox_.retryAt(message.id, now + retryDelay(message.attempts), message.attempts + 1,
                            util::oneLine(error.what()));
    }
}

} // namespace apbfarm::service

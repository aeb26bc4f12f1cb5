// SPDX-License-Identifier: MIT
#include "service/notification_service.h"

#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

std::string headlineOf(BuildState state)
{
    switch (state) {
    case BuildState::Completed: return "Completed Successfully";
    case BuildState::Cancelled: return "Cancelled";
    default: return "Failed";
    }
}

std::string versionOf(const Build& build)
{
    return build.pkgver.empty() ? "" : (build.epoch.empty() ? "" : build.epoch + ":") + build.pkgver + "-" + build.pkgrel;
}

} // namespace

NotificationService::NotificationService(UserStore& users, OutboxStore& outbox, std::vector<NamedNotifier> notifiers,
                                         const util::Clock& clock, std::string baseUrl)
    : users_(users), outbox_(outbox), notifiers_(std::move(notifiers)), clock_(clock), baseUrl_(std::move(baseUrl))
{
}

bool NotificationService::anyEnabled(Audience audience)
{
    return std::ranges::any_of(notifiers_, [&](const NamedNotifier& one) {
        return one.notifier->audience() == audience && one.notifier->enabled();
    });
}

std::vector<Notification> NotificationService::forConcluded(const Build& build)
{
    if (!build.owner)
        return {};
    const auto status = std::string(toText(statusOf(build.state)));
    const auto page = baseUrl_ + "/build/" + build.id + "/status";
    Notification message;
    message.kind = NotificationKind::BuildFinished;
    message.subject = "APB Build " + headlineOf(build.state) + ": " + build.pkgname + " (" + build.architecture + ") - " +
                      build.id.substr(0, 8);
    message.text = "Build of " + build.pkgname + " for " + build.architecture + ": " + status + "\n" +
                   (build.reason.empty() ? "" : build.reason + "\n") + "\n" + page + "\n";
    message.facts = {{"build_id", build.id}, {"pkgname", build.pkgname}, {"version", versionOf(build)},
                     {"arch", build.architecture}, {"status", status}, {"reason", build.reason}};
    if (!baseUrl_.empty())
        message.facts["url"] = page;
    message.createdAt = clock_.wall();

    std::vector<Notification> messages;
    if (anyEnabled(Audience::Channel)) {
        messages.push_back(message);
        messages.back().id = util::randomUuid();
    }
    const auto owner = anyEnabled(Audience::People) ? users_.find(*build.owner) : std::nullopt;
    if (owner && owner->active && !owner->email.empty() && owner->emailNotifications) {
        message.id = util::randomUuid();
        message.recipientName = owner->username;
        message.recipientEmail = owner->email;
        messages.push_back(std::move(message));
    }
    return messages;
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
    if (email.empty() || !anyEnabled(Audience::People))
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
    Notification message;
    message.kind = NotificationKind::ServerTrouble;
    message.subject = subject;
    message.text = text + "\n" + link("/dashboard");
    message.facts = facts;
    message.createdAt = clock_.wall();
    int told = 0;
    const auto send = [&](const std::string& name, const std::string& email) {
        message.id = util::randomUuid();
        message.recipientName = name;
        message.recipientEmail = email;
        outbox_.add(message);
        ++told;
    };
    if (anyEnabled(Audience::Channel))
        send("", "");
    if (anyEnabled(Audience::People))
        for (const auto& user : users_.list(false))
            if (user.role == Role::Admin && !user.email.empty())
                send(user.username, user.email);
    return told;
}

} // namespace apbfarm::service

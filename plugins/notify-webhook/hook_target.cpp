// SPDX-License-Identifier: MIT
#include "hook_target.h"

namespace webhook {

using namespace apbfarm;

std::optional<Template> templateFromText(std::string_view word)
{
    for (auto format : {Template::Generic, Template::Matrix, Template::Slack, Template::Discord, Template::Ntfy})
        if (word == toText(format))
            return format;
    return std::nullopt;
}

const std::set<std::string>& eventWords()
{
    static const auto words = [] {
        using enum NotificationKind;
        std::set<std::string> all{"all", "build-completed", "build-failed", "build-cancelled"};
        for (auto kind : {BuildFinished, AccountCreated, AccountDeleted, RoleChanged, EmailChanged, PasswordChanged,
                          TokensRevoked, ServerTrouble, Test})
            all.emplace(toText(kind));
        return all;
    }();
    return words;
}

std::string eventOf(const Notification& notification)
{
    const auto status = notification.facts.find("status");
    if (notification.kind == NotificationKind::BuildFinished && status != notification.facts.end())
        if (const auto word = "build-" + status->second; eventWords().contains(word))
            return word;
    return std::string(apbfarm::toText(notification.kind));
}

bool Target::wants(const Notification& notification) const
{
    return events.contains("all") || notification.kind == NotificationKind::Test ||
           events.contains(eventOf(notification)) || events.contains(std::string(apbfarm::toText(notification.kind)));
}

} // namespace webhook

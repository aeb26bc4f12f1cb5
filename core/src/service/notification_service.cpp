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

// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <apbfarm/notifier.h>
#include <apbfarm/storage.h>

#include <string>
#include <vector>

namespace apbfarm::service {

/// Decides who is told about what, and brings the messages of the outbox to the notifiers.
///
/// Thread-safe; `deliverDue` is called by one worker only.
class NotificationService {
public:
    /// `baseUrl` is the farm's public address for links, without a trailing slash.
    NotificationService(UserStore& users, OutboxStore& outbox, std::vector<Notifier*> notifiers,
                        const util::Clock& clock, std::string baseUrl);

    /// The messages that the end of a build owes: one to its owner, unless it has no address or does not want any.
    std::vector<Notification> forConcluded(const Build& build);

    /// Sends what is due through every enabled notifier. Returns how many messages were tried.
    int deliverDue();

private:
    bool anyEnabled();
    void deliver(const Notification& notification);

    UserStore& users_;
    OutboxStore& outbox_;
    std::vector<Notifier*> notifiers_;
    const util::Clock& clock_;
    std::string baseUrl_;
};

} // namespace apbfarm::service

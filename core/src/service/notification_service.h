// SPDX-License-Identifier: MIT
#pragma once

#include "service/outbox_delivery.h"
#include "util/clock.h"

#include <apbfarm/storage.h>

#include <map>
#include <string>
#include <vector>

namespace apbfarm::service {

/// Decides who is told about what: people with an address about what concerns them, channels about every build that
/// was submitted and about the farm. The outbox has the messages, `OutboxDelivery` brings them away. Thread-safe.
class NotificationService {
public:
    /// `baseUrl` is the farm's public address for links, without a trailing slash.
    NotificationService(UserStore& users, OutboxStore& outbox, std::vector<NamedNotifier> notifiers,
                        const util::Clock& clock, std::string baseUrl);

    /// The messages that the end of a build owes: one to its owner, unless it has no address or does not want any, and
    /// one to the channels.
    std::vector<Notification> forConcluded(const Build& build);

    /// News about an account, put into the outbox for the address it has. They tell of what an intruder might do, so
    /// they do not depend on whether the owner wants messages about builds.
    void accountCreated(const User& user);
    void accountDeleted(const User& user);
    void roleChanged(const User& user);
    /// Also to the address that was in use before.
    void emailChanged(const User& user, const std::string& before);
    void passwordChanged(const User& user);
    void tokensRevoked(const User& user);

    /// News about the farm itself for every administrator with an address and for the channels; returns how many. They
    /// may contain addresses of servers.
    int administratorsAlerted(const std::string& subject, const std::string& text,
                              const std::map<std::string, std::string>& facts);

private:
    bool anyEnabled(Audience audience);
    void tell(const User& user, const std::string& email, NotificationKind kind, const std::string& subject,
              const std::string& sentence);
    std::string link(const std::string& path) const { return baseUrl_.empty() ? "" : "\n" + baseUrl_ + path + "\n"; }

    UserStore& users_;
    OutboxStore& outbox_;
    std::vector<NamedNotifier> notifiers_;
    const util::Clock& clock_;
    std::string baseUrl_;
};

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <apbfarm/notifier.h>
#include <apbfarm/storage.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::service {

struct NamedNotifier {
    std::string name;                ///< as in the configuration
    Notifier* notifier = nullptr;
};

/// Brings the messages of the outbox to the notifiers: those with a recipient to notifiers of people, those without to
/// channels. Used by one worker.
///
/// Where a message is for several notifiers, each gets it once: which are done with it is stored until all are, so that
/// one that is away costs the others nothing, also over a restart.
class OutboxDelivery {
public:
    /// `firstRetry` passes before the second try, twice as long before each further one. `gaveUp` hears of every message
    /// that is put aside.
    OutboxDelivery(OutboxStore& outbox, SettingStore& settings, std::vector<NamedNotifier> notifiers,
                   const util::Clock& clock, std::chrono::milliseconds firstRetry,
                   std::function<void(const std::string&)> gaveUp = {});

    /// Tries what is due. Returns how many messages that were.
    int deliverDue();

private:
    using Done = std::map<std::string, std::string>;   ///< notifier, why it refused; empty when it took the message
    struct Later {
        std::string error;
        std::chrono::seconds notBefore{0};
    };

    void deliver(const Notification& message);
    std::chrono::milliseconds delayAfter(int attempts, std::chrono::seconds notBefore) const;
    std::optional<Later> tryAll(const Notification& message, Done& done);
    std::optional<Later> tryOne(Notifier& notifier, const Notification& message, std::string& refused);
    void settle(const Notification& message, const Done& done, const std::optional<Later>& later);
    Done doneWith(const Notification& message);
    void remember(const Notification& message, const Done& done);

    OutboxStore& outbox_;
    SettingStore& settings_;
    std::vector<NamedNotifier> notifiers_;
    const util::Clock& clock_;
    std::chrono::milliseconds firstRetry_;
    std::function<void(const std::string&)> gaveUp_;
};

} // namespace apbfarm::service

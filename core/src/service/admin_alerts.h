// SPDX-License-Identifier: MIT
#pragma once

#include "service/notification_service.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/storage.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::service {

/// Tells administrators about trouble with the farm: once when it begins, once when it is over.
///
/// What was told is stored, so that a restart repeats nothing. Trouble that comes and goes is told at most once in
/// `quiet` per thing, and its end only when its begin was. Thread-safe; `set` and `buildEnded` only take notes, `tell` writes.
class AdminAlerts {
public:
    /// A thing as it is now. An empty condition: all is well.
    struct State {
        std::string condition;       ///< one word: "unavailable", "failed"
        std::string subject;
        std::string text;
    };

    struct Options {
        bool mails = true;           ///< false: trouble is only logged
        std::chrono::milliseconds quiet{std::chrono::minutes(15)};
        std::function<void(bool trouble, const std::string& what)> log = {};   ///< every change, however often
    };

    AdminAlerts(NotificationService& notifications, SettingStore& settings, const util::Clock& clock, Options options)
        : notifications_(notifications), settings_(settings), clock_(clock), options_(std::move(options))
    {
    }

    /// `thing` names it for ever: "server http://...", "backup".
    void set(const std::string& thing, State state);
    /// Builds that failed because their server did not come back, or forgot them, are told of together.
    void buildEnded(const Build& build);
    /// Sends what is due.
    void tell();

private:
    struct Thing {
        State now;
        std::optional<std::string> told;         ///< condition; empty optional: not read from the store yet
        std::optional<util::Instant> lastTold;   ///< of trouble
    };
    struct Lost {
        std::vector<std::string> lines;
        int count = 0;
        std::optional<util::Instant> lastTold;
    };

    bool isQuiet(const std::optional<util::Instant>& lastTold) const;
    void tellOf(const std::string& name, Thing thing);
    void tellOfLost();

    NotificationService& notifications_;
    SettingStore& settings_;
    const util::Clock& clock_;
    const Options options_;
    util::Guarded<std::map<std::string, Thing>> things_;
    util::Guarded<Lost> lost_;
};

} // namespace apbfarm::service

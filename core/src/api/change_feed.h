// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"
#include "util/clock.h"
#include "util/guarded.h"
#include "util/listeners.h"
#include "util/worker.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace apbfarm::api {

/// Tells open pages that something changed; what, they read from the pages themselves, so nothing here is secret.
///
/// One event per round of changes: its data are the ids of the builds that changed and "farm", separated by blanks,
/// or "*" for those who missed too much. Rounds are at least a quarter of a second apart, whatever the farm does.
class ChangeFeed final : public EventSource {
public:
    /// `fingerprint` changes with whatever nobody announces, the servers' state for one; looked at once a second.
    ChangeFeed(const util::Clock& clock, std::function<std::size_t()> fingerprint, util::Worker::OnError onError);

    /// Any thread. `topic` is a build's id, or "farm".
    void changed(const std::string& topic);

    /// Where somebody begins who has just loaded a page.
    std::uint64_t now() const;

    EventBlock at(std::uint64_t position) override;
    std::shared_ptr<void> subscribe(std::function<void()> wake) override { return viewers_.add(std::move(wake)); }

private:
    struct Topics {
        std::uint64_t first = 0;               // position of the oldest one kept
        std::deque<std::string> kept;
        std::uint64_t announced = 0;           // what viewers may see: everything before this position
    };

    std::optional<std::chrono::milliseconds> round();
    bool announce();

    const util::Clock& clock_;
    const std::function<std::size_t()> fingerprint_;
    std::size_t lastFingerprint_ = 0;          // of the worker alone, as the next one
    util::Instant lastRound_{};
    util::Guarded<Topics> topics_;
    util::Listeners viewers_;
    util::Worker worker_;                      // last: its thread uses all else
};

/// Another number whenever something changed that pages show of the servers; load and times of contact do not count.
std::size_t fingerprintOf(const fleet::Fleet& fleet);

} // namespace apbfarm::api

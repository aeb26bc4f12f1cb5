// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/storage.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace apbfarm::service {

/// How long builds take, from those of the same package and architecture that were completed. Thread-safe; remembers
/// what it has read for some minutes.
class BuildEstimates {
public:
    BuildEstimates(BuildStore& store, const util::Clock& clock) : store_(store), clock_(clock) {}

    /// The median of the last few. Empty when none was completed.
    std::optional<std::chrono::seconds> typical(const std::string& pkgname, const std::string& architecture);
    std::optional<std::chrono::seconds> typical(const Build& build) { return typical(build.pkgname, build.architecture); }

private:
    struct Known {
        std::optional<std::chrono::seconds> length;
        util::Instant readAt{};
    };
    using Key = std::pair<std::string, std::string>;

    std::optional<std::chrono::seconds> read(const std::string& pkgname, const std::string& architecture);

    BuildStore& store_;
    const util::Clock& clock_;
    util::Guarded<std::map<Key, Known>> known_;
};

/// When the builds of a queue will start if nothing unforeseen happens: each takes the slot that is free first.
class QueueForecast {
public:
    /// One slot of a server that builds `architecture`, free in so long; empty: nobody knows.
    void addSlot(const std::string& architecture, std::optional<std::chrono::seconds> freeIn);

    struct Expected {
        std::optional<std::chrono::seconds> startsIn;   ///< empty: no slot, or it waits for one of unknown length
        std::optional<std::chrono::seconds> takes;
    };
    /// To be asked in the order of the queue. Lane "any": the slots of all architectures.
    Expected next(const std::string& lane, std::optional<std::chrono::seconds> takes);

private:
    struct Slot {
        std::string architecture;
        std::optional<std::chrono::seconds> freeIn;
    };
    std::vector<Slot> slots_;
};

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#pragma once

#include "util/guarded.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace apbfarm::service {

/// The builds that wait in the farm, in order of acceptance, and why each of them waits. Thread-safe.
///
/// A view of the stored queue: rebuilt at start, never written. A build that comes back from a server takes its
/// old place.
class BuildQueue {
public:
    struct Entry {
        BuildId id;
        std::int64_t sequence = 0;
        std::string lane;            ///< architecture, or "any"
    };
    struct Place {
        std::size_t position = 0;    ///< from 1
        std::size_t size = 0;
    };

    /// Throws std::bad_alloc; then the build is not in it.
    void add(const Build& build);
    /// Needs no memory.
    void remove(const BuildId& id);

    std::size_t size() const;
    std::size_t sizeOf(const std::string& lane) const;
    /// Empty when it is not queued.
    std::optional<Place> placeOf(const BuildId& id) const;
    std::vector<std::string> lanes() const;
    /// The first entry of a lane after that sequence.
    std::optional<Entry> nextOf(const std::string& lane, std::int64_t after) const;
    /// In order, at most `limit`, leaving out the first `offset`.
    std::vector<Entry> list(std::size_t offset, std::size_t limit) const;

    /// Why it waits, for one build or for all of a lane that have no reason of their own.
    void setReason(const BuildId& id, std::string reason);
    void setLaneReason(const std::string& lane, std::string reason);
    std::string reasonFor(const BuildId& id) const;

private:
    struct State {
        std::map<std::string, std::map<std::int64_t, BuildId>> lanes;
        std::unordered_map<BuildId, Entry> entries;
        std::vector<std::int64_t> order;                  ///< sorted sequences, for positions
        std::unordered_map<std::int64_t, BuildId> bySequence;
        std::unordered_map<BuildId, std::string> reasons;
        std::map<std::string, std::string> laneReasons;
    };
    /// Also what is there in part.
    static void forget(State& state, const Entry& entry) noexcept;

    util::Guarded<State> state_;
};

} // namespace apbfarm::service

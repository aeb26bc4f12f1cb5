// SPDX-License-Identifier: MIT
#include "service/build_queue.h"

#include <algorithm>

namespace apbfarm::service {

void BuildQueue::add(const Build& build)
{
    const Entry entry{build.id, build.sequence, build.anyArchitecture ? std::string("any") : build.architecture};
    state_.with([&](State& state) {
        if (state.entries.contains(entry.id))
            return;
        try {
            state.lanes[entry.lane][entry.sequence] = entry.id;
            state.bySequence[entry.sequence] = entry.id;
            state.order.insert(std::ranges::lower_bound(state.order, entry.sequence), entry.sequence);
            state.entries[entry.id] = entry;
        } catch (...) {
            forget(state, entry);
            throw;
        }
    });
}

void BuildQueue::remove(const BuildId& id)
{
    state_.with([&](State& state) {
        const auto found = state.entries.find(id);
        if (found != state.entries.end())
            forget(state, Entry(std::move(found->second)));
    });
}

void BuildQueue::forget(State& state, const Entry& entry) noexcept
{
    if (const auto lane = state.lanes.find(entry.lane); lane != state.lanes.end()) {
        lane->second.erase(entry.sequence);
        if (lane->second.empty()) {
            state.lanes.erase(lane);
            state.laneReasons.erase(entry.lane);
        }
    }
    const auto [first, last] = std::ranges::equal_range(state.order, entry.sequence);
    state.order.erase(first, last);
    state.bySequence.erase(entry.sequence);
    state.reasons.erase(entry.id);
    state.entries.erase(entry.id);
}

std::size_t BuildQueue::size() const
{
    return state_.with([](const State& state) { return state.order.size(); });
}

std::size_t BuildQueue::sizeOf(const std::string& lane) const
{
    return state_.with([&](const State& state) {
        const auto found = state.lanes.find(lane);
        return found == state.lanes.end() ? 0 : found->second.size();
    });
}

std::optional<BuildQueue::Place> BuildQueue::placeOf(const BuildId& id) const
{
    return state_.with([&](const State& state) -> std::optional<Place> {
        const auto found = state.entries.find(id);
        if (found == state.entries.end())
            return std::nullopt;
        const auto at = std::ranges::lower_bound(state.order, found->second.sequence) - state.order.begin();
        return Place{static_cast<std::size_t>(at) + 1, state.order.size()};
    });
}

std::vector<std::string> BuildQueue::lanes() const
{
    return state_.with([](const State& state) {
        std::vector<std::string> names;
        for (const auto& [name, _] : state.lanes)
            names.push_back(name);
        return names;
    });
}

std::optional<BuildQueue::Entry> BuildQueue::nextOf(const std::string& lane, std::int64_t after) const
{
    return state_.with([&](const State& state) -> std::optional<Entry> {
        const auto entries = state.lanes.find(lane);
        if (entries == state.lanes.end())
            return std::nullopt;
        const auto next = entries->second.upper_bound(after);
        if (next == entries->second.end())
            return std::nullopt;
        return Entry{next->second, next->first, lane};
    });
}

std::vector<BuildQueue::Entry> BuildQueue::list(std::size_t offset, std::size_t limit) const
{
    return state_.with([&](const State& state) {
        std::vector<Entry> entries;
        for (auto at = offset; at < state.order.size() && entries.size() < limit; ++at)
            entries.push_back(state.entries.at(state.bySequence.at(state.order[at])));
        return entries;
    });
}

void BuildQueue::setReason(const BuildId& id, std::string reason)
{
    state_.with([&](State& state) {
        if (state.entries.contains(id))
            state.reasons[id] = std::move(reason);
    });
}

void BuildQueue::setLaneReason(const std::string& lane, std::string reason)
{
    state_.with([&](State& state) {
        if (!state.lanes.contains(lane))
            return;
        state.laneReasons[lane] = std::move(reason);
        // What a scheduler said about single builds is outdated once nobody can take any of them.
        std::erase_if(state.reasons, [&](const auto& own) { return state.entries.at(own.first).lane == lane; });
    });
}

std::string BuildQueue::reasonFor(const BuildId& id) const
{
    return state_.with([&](const State& state) -> std::string {
        const auto found = state.entries.find(id);
        if (found == state.entries.end())
            return {};
        if (const auto own = state.reasons.find(id); own != state.reasons.end())
            return own->second;
        const auto lane = state.laneReasons.find(found->second.lane);
        return lane == state.laneReasons.end() ? "Waiting for its turn" : lane->second;
    });
}

} // namespace apbfarm::service

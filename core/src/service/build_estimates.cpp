// SPDX-License-Identifier: MIT
#include "service/build_estimates.h"

#include <algorithm>
#include <vector>

namespace apbfarm::service {

namespace {

using std::chrono::seconds;

constexpr int kBuildsLookedAt = 5;
constexpr std::chrono::minutes kRememberedFor{2};
constexpr std::size_t kMostRemembered = 10000;

} // namespace

std::optional<seconds> BuildEstimates::typical(const std::string& pkgname, const std::string& architecture)
{
    const Key key{pkgname, architecture};
    const auto now = clock_.steady();
    const auto known = known_.with([&](auto& all) -> std::optional<Known> {
        const auto found = all.find(key);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    });
    if (known && now - known->readAt < kRememberedFor)
        return known->length;
    const auto length = read(pkgname, architecture);
    known_.with([&](auto& all) {
        if (all.size() >= kMostRemembered)
            all.clear();
        all[key] = {length, now};
    });
    return length;
}

std::optional<seconds> BuildEstimates::read(const std::string& pkgname, const std::string& architecture)
{
    BuildQuery query;
    query.status = BuildStatus::Completed;
    query.pkgname = pkgname;
    query.architecture = architecture;
    query.limit = kBuildsLookedAt;
    std::vector<seconds> lengths;
    for (const auto& build : store_.list(query))
        if (build.startedAt && build.endedAt && *build.endedAt >= *build.startedAt)
            lengths.push_back(std::chrono::duration_cast<seconds>(*build.endedAt - *build.startedAt));
    if (lengths.empty())
        return std::nullopt;
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::ranges::nth_element(lengths, middle);
    return *middle;
}

void QueueForecast::addSlot(const std::string& architecture, std::optional<seconds> freeIn)
{
    slots_.push_back({architecture, freeIn});
}

QueueForecast::Expected QueueForecast::next(const std::string& lane, std::optional<seconds> takes)
{
    // A slot of which nobody knows when it is free comes last.
    const auto later = [](const Slot& a, const Slot& b) { return a.freeIn && (!b.freeIn || *a.freeIn < *b.freeIn); };
    Slot* first = nullptr;
    for (auto& slot : slots_)
        if ((lane == "any" || slot.architecture == lane) && (!first || later(slot, *first)))
            first = &slot;
    if (!first)
        return {std::nullopt, takes};
    const Expected expected{first->freeIn, takes};
    first->freeIn = first->freeIn && takes ? std::optional(*first->freeIn + *takes) : std::nullopt;
    return expected;
}

} // namespace apbfarm::service

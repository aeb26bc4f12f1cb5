// SPDX-License-Identifier: MIT
#include "service/build_ledger.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace apbfarm::service {

BuildLedger::BuildLedger(BuildStore& store, const util::Clock& clock, life::Policy policy)
    : store_(store), clock_(clock), policy_(policy)
{
}

std::vector<Build> BuildLedger::admit(const Submission& submission)
{
    auto builds = store_.submit(submission);
    try {
        for (const auto& build : builds)
            insert(build);
        for (const auto& build : builds)
            sink_(build, life::Action::Enqueue);
    } catch (...) {
        // They are stored, and whoever repeats the request is told so (L13).
        for (const auto& build : builds)
            if (const auto entry = live(build.id))
                owe(*entry);
        isBehind_ = isIncomplete_ = true;
        throw;
    }
    for (const auto& build : builds)
        heard_(build);
    return builds;
}

bool BuildLedger::adopt(const Build& build)
{
    if (build.state != BuildState::Building && !isFinal(build.state))
        throw std::logic_error("a build of others waits for no server of ours");
    if (find(build.id))
        return false;
    const auto stored = store_.submit({.builds = {build}, .payloadDigest = {}, .inlinePayload = {}, .idempotency = {}});
    if (isFinal(build.state))
        return true;
    insert(stored.front());
    apply(build.id, life::Restarted{});
    return true;
}

std::size_t BuildLedger::recover()
{
    auto builds = store_.listLive();
    for (const auto& build : builds)
        insert(build);
    // L4: those on servers take their slots before the first of the others may ask for one.
    std::ranges::stable_partition(builds, [](const Build& build) { return build.state != BuildState::Queued; });
    for (const auto& build : builds)
        apply(build.id, life::Restarted{});
    return builds.size();
}

std::optional<Build> BuildLedger::apply(const BuildId& id, const life::Event& event, std::vector<Artifact> artifacts)
{
    return apply(id, event, std::move(artifacts), nullptr);
}

std::optional<Build> BuildLedger::applyFrom(const ServerId& server, const BuildId& id, const life::Event& event,
                                            std::vector<Artifact> artifacts)
{
    return apply(id, event, std::move(artifacts), &server);
}

std::optional<Build> BuildLedger::apply(const BuildId& id, const life::Event& event, std::vector<Artifact> artifacts,
                                        const ServerId* from)
{
    const auto entry = live(id);
    if (!entry)
        return std::nullopt;
    std::optional<life::Step> step;
    bool lost = false;
    {
        // One build's steps are a sequence; nobody but this build waits for its write.
        std::lock_guard turn(entry->turn);
        if (from && !entry->isOn(*from))
            return std::nullopt;
        step = store(*entry, event, std::move(artifacts), lost);
        // Still its turn: what this step asks for must not come after what the next one does.
        if (step)
            act(*entry, *step);
    }
    if (lost) {
        takeUp(id, *entry);
        throw Conflict("The build changed meanwhile", "build_changed");
    }
    if (!step)
        return std::nullopt;
    if (step->store)
        heard_(step->after);
    return step->after;
}

void BuildLedger::act(Live& entry, const life::Step& step)
{
    try {
        for (const auto action : step.actions)
            sink_(step.after, action);
    } catch (...) {
        owe(entry);
        throw;
    }
    if (isFinal(step.after.state))
        builds_.with([&](auto& builds) { builds.erase(step.after.id); });
}

void BuildLedger::owe(Live& entry)
{
    entry.owes = true;
    isBehind_ = true;
}

/// What is stored is what this process has to go on with, as after a start: after a step that lost its race (S4), or
/// whose actions were not taken.
void BuildLedger::takeUp(const BuildId& id, Live& entry)
try {
    const auto build = entry.current.copy().build;
    if (!isFinal(build.state)) {
        apply(id, life::Restarted{});
        return;
    }
    {
        std::lock_guard turn(entry.turn);
        sink_(build, life::Action::Conclude);
        builds_.with([&](auto& builds) { builds.erase(id); });
    }
    heard_(build);
} catch (...) {
    owe(entry);
    throw;
}

void BuildLedger::catchUp()
{
    if (!isBehind_.exchange(false))
        return;
    std::exception_ptr trouble;
    try {
        insertMissed();
        for (const auto& entry : allLive())
            if (entry->owes)
                try {
                    const auto id = entry->current.with([](const Current& now) { return now.build.id; });
                    entry->owes = false;
                    takeUp(id, *entry);
                } catch (...) {
                    trouble = std::current_exception();   // the others go on
                }
    } catch (...) {
        trouble = std::current_exception();
    }
    if (!trouble)
        return;
    isBehind_ = true;
    std::rethrow_exception(trouble);
}

void BuildLedger::insertMissed()
{
    if (!isIncomplete_.exchange(false))
        return;
    try {
        for (const auto& build : store_.listLive())
            if (!live(build.id)) {
                insert(build);
                live(build.id)->owes = true;
            }
    } catch (...) {
        isIncomplete_ = true;
        throw;
    }
}

std::optional<life::Step> BuildLedger::store(Live& live, const life::Event& event, std::vector<Artifact> artifacts,
                                             bool& lost)
{
    const auto before = live.current.copy();
    if (isFinal(before.build.state))
        return std::nullopt;
    auto step = life::apply(before.build, before.watch, event, now(), policy_.copy());
    if (step.store) {
        BuildChange change{before.build.state, before.build.revision, step.after, step.attempt, std::move(artifacts), {}};
        if (isFinal(step.after.state) && composer_)
            change.notifications = composer_(step.after);
        if (!store_.change(change)) {
            // S4: somebody else wrote this row. Take the truth and let the sender of the event try again.
            reload(live, before.build.id);
            lost = true;
            return std::nullopt;
        }
        step.after.revision = before.build.revision + 1;
    }
    live.current.with([&](Current& current) { current = {step.after, step.watch}; });
    return step;
}

void BuildLedger::reload(Live& live, const BuildId& id)
{
    if (auto stored = store_.find(id))
        live.current.with([&](Current& current) { current.build = std::move(*stored); });
}

void BuildLedger::insert(const Build& build)
{
    const auto before = std::max(clock_.wall() - build.createdAt, Timestamp::duration(0));
    auto entry = std::make_shared<Live>(clock_.steady() - before);
    entry->current.with([&](Current& current) { current = {build, {clock_.steady(), std::nullopt, false}}; });
    builds_.with([&](auto& builds) { builds.try_emplace(build.id, std::move(entry)); });
}

std::shared_ptr<BuildLedger::Live> BuildLedger::live(const BuildId& id) const
{
    return builds_.with([&](const auto& builds) {
        const auto found = builds.find(id);
        return found == builds.end() ? nullptr : found->second;
    });
}

std::optional<std::chrono::steady_clock::duration> BuildLedger::ageOf(const BuildId& id) const
{
    if (const auto entry = live(id))
        return clock_.steady() - entry->since;
    return std::nullopt;
}

std::optional<Build> BuildLedger::findLive(const BuildId& id) const
{
    if (const auto entry = live(id))
        return entry->current.copy().build;
    return std::nullopt;
}

std::optional<Build> BuildLedger::find(const BuildId& id) const
{
    if (auto build = findLive(id))
        return build;
    return store_.find(id);
}

std::size_t BuildLedger::liveCount() const
{
    return builds_.with([](const auto& builds) { return builds.size(); });
}

std::vector<std::shared_ptr<BuildLedger::Live>> BuildLedger::allLive() const
{
    return builds_.with([](const auto& builds) {
        std::vector<std::shared_ptr<Live>> all;
        all.reserve(builds.size());
        for (const auto& [_, entry] : builds)
            all.push_back(entry);
        return all;
    });
}

BuildLedger::Census BuildLedger::census() const
{
    Census counts;
    for (const auto& entry : allLive())
        entry->current.with([&](const Current& now) {
            if (!isFinal(now.build.state))   // what is left to be told of it may still go on
                ++counts[{now.build.state, now.build.architecture}];
        });
    return counts;
}

bool BuildLedger::Live::isOn(const ServerId& server) const
{
    return current.with([&](const Current& now) { return now.build.server == server && !isFinal(now.build.state); });
}

bool BuildLedger::isAnyOn(const ServerId& server) const
{
    return std::ranges::any_of(allLive(), [&](const auto& entry) { return entry->isOn(server); });
}

bool BuildLedger::isOn(const BuildId& id, const ServerId& server) const
{
    const auto entry = live(id);
    return entry && entry->isOn(server);
}

void BuildLedger::queueLater(const BuildId& id)
{
    const auto entry = live(id);
    if (entry && entry->current.with([](const Current& now) { return now.build.state == BuildState::Queued; }))
        owe(*entry);
}

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#pragma once

#include "life/build_life.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/storage.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace apbfarm::service {

/// The only way by which a build changes: event in, row stored, then actions out.
///
/// Keeps every live build in memory; the store is the truth and is always written first (D1, L1). Thread-safe.
/// The steps of one build happen one after the other, those of different builds side by side.
class BuildLedger {
public:
    /// Makes the messages that a final state owes to people (D6).
    using Composer = std::function<std::vector<Notification>(const Build&)>;
    /// Takes what has to happen next. Called after the step is stored, from the thread that applied the event,
    /// and in the order of the build's steps; must only hand over to somebody else.
    using Sink = std::function<void(const Build&, life::Action)>;

    BuildLedger(BuildStore& store, const util::Clock& clock, life::Policy policy);

    void onAction(Sink sink) { sink_ = std::move(sink); }
    /// Called after every stored step, under the same rule as the sink.
    void onChange(std::function<void(const Build&)> heard) { heard_ = std::move(heard); }
    void onConclude(Composer composer) { composer_ = std::move(composer); }

    /// Stores a submission (D2) and puts its builds into the queue. Returns them with their sequence.
    std::vector<Build> admit(const Submission& submission);

    /// Takes up a build that was not submitted here, ended or building on its server; never queued, so that it can
    /// never be sent anywhere. False when its id is known already (L11).
    bool adopt(const Build& build);

    /// Loads all live builds and tells each that the process has started. Returns how many there are.
    std::size_t recover();

    /// Gives the event to the build. `artifacts` are stored with the step. Returns the build afterwards; empty when
    /// it is not live. Throws what the store throws; then nothing happened. `Conflict`: somebody else wrote the row; the
    /// build goes on from there, and the event may be given again.
    std::optional<Build> apply(const BuildId& id, const life::Event& event, std::vector<Artifact> artifacts = {});
    /// The same for what a server said or did not say: it counts only for builds that are on that server (L10). Empty
    /// for others.
    std::optional<Build> applyFrom(const ServerId& server, const BuildId& id, const life::Event& event,
                                   std::vector<Artifact> artifacts = {});

    /// Live from memory, else from the store.
    std::optional<Build> find(const BuildId& id) const;
    std::optional<Build> findLive(const BuildId& id) const;
    std::size_t liveCount() const;
    /// How long it has been there; empty when it is not live. Setting the clock changes only what passed before this
    /// process started (D13).
    std::optional<std::chrono::steady_clock::duration> ageOf(const BuildId& id) const;
    /// Whether any live build is on that server; whether this one is.
    bool isAnyOn(const ServerId& server) const;
    bool isOn(const BuildId& id, const ServerId& server) const;
    /// If it is queued, `catchUp` puts it into the queue once more. Needs no memory.
    void queueLater(const BuildId& id);
    /// Builds for which what a step asked for was not done, because that threw, go on as after a start. To be called
    /// every few seconds; costs nothing while there are none. Throws what the store and the sink throw; then there still
    /// are some.
    void catchUp();
    /// From the next event on.
    void configure(const life::Policy& policy) { policy_.with([&](life::Policy& now) { now = policy; }); }
    /// How many live builds there are, by state and architecture.
    using Census = std::map<std::pair<BuildState, std::string>, std::size_t>;
    Census census() const;

private:
    struct Current {
        Build build;
        life::Watch watch;
    };
    struct Live {
        explicit Live(util::Instant since) : since(since) {}

        const util::Instant since;   ///< may lie before this process started
        std::mutex turn;             ///< held for a whole step of this one build, its write included
        util::Guarded<Current> current;
        bool isOn(const ServerId& server) const;

        std::atomic<bool> owes = false; ///< the sink has not taken all that was asked for
    };

    std::shared_ptr<Live> live(const BuildId& id) const;
    std::vector<std::shared_ptr<Live>> allLive() const;
    void insert(const Build& build);
    void reload(Live& live, const BuildId& id);
    void act(Live& entry, const life::Step& step);
    void owe(Live& entry);
    void takeUp(const BuildId& id, Live& entry);
    void insertMissed();
    std::optional<Build> apply(const BuildId& id, const life::Event& event, std::vector<Artifact> artifacts,
                               const ServerId* from);
    std::optional<life::Step> store(Live& live, const life::Event& event, std::vector<Artifact> artifacts, bool& lost);
    life::Moment now() const { return {clock_.wall(), clock_.steady()}; }

    BuildStore& store_;
    const util::Clock& clock_;
    util::Guarded<life::Policy> policy_;
    Sink sink_;
    Composer composer_;
    std::function<void(const Build&)> heard_ = [](const Build&) {};
    util::Guarded<std::unordered_map<BuildId, std::shared_ptr<Live>>> builds_;
    std::atomic<bool> isBehind_ = false;   ///< some build owes
    std::atomic<bool> isIncomplete_ = false; ///< some build may be stored and not here
};

} // namespace apbfarm::service

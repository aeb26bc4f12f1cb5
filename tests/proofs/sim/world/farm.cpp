// SPDX-License-Identifier: MIT
#include "proofs/sim/world/farm.h"

namespace apbfarm::sim {

/// Any of the candidates, or none; sometimes after a while, in which the queue changes under it.
class Farm::Choice final : public Scheduler {
public:
    explicit Choice(World& world) : world_(world) {}

    Placement pick(const Build&, std::span<const ServerSnapshot> candidates) override
    {
        if (world_.mayFail(50))
            return Placement::wait("not now");
        if (world_.random.chance(100))
            world_.engine.rest(world_.random.between(Time(0), std::chrono::seconds(1)));
        return Placement::on(candidates[world_.random.below(candidates.size())].id, "free");
    }

private:
    World& world_;
};

Farm::Farm(World& world, Disk& disk, const Habits& habits)
    : world_(world), disk_(disk), clock_(world), logs_(disk), artifacts_(disk), fleet_(configured(), clock_),
      ledger_(disk, clock_, habits.policy), scheduler_(std::make_unique<Choice>(world))
{
    ledger_.onConclude([this](const Build& build) { return messageFor(build); });
    ledger_.onAction([this](const Build& build, life::Action action) { flow_->take(build, action); });
    flow_ = std::make_unique<dispatch::BuildFlow>(
        dispatch::BuildFlow::Parts{ledger_, queue_, fleet_, *scheduler_, payloads_, logs_, streams_, artifacts_, clock_, tasks_},
        dispatch::BuildFlow::Settings{habits.pace, {}, habits.dispatch},
        [this](const std::string& what) { world_.trace("        report: ", what); }, [](const Build&) {});
    world_.engine.spawn([this] { start(); });
}

Farm::~Farm() = default;

std::vector<fleet::ConfiguredServer> Farm::configured() const
{
    std::vector<fleet::ConfiguredServer> servers;
    for (const auto& server : world_.servers)
        servers.push_back({server.id, server.architecture});
    return servers;
}

void Farm::start()
{
    try {
        ledger_.recover();
        flow_->startDiscovery();
    } catch (const std::exception& error) {
        world_.trace("        cannot start: ", error.what());
        gaveUp_ = true;
        return;
    }
    ready_ = true;
    world_.engine.spawn([this] { tidyForEver(); });
}

void Farm::tidyForEver()
{
    while (!stopped_) {
        world_.engine.rest(std::chrono::minutes(1));
        try {
            flow_->tidy();
        } catch (const std::exception& error) {
            world_.trace("        report: ", error.what());
        }
    }
}

void Farm::stop()
{
    flow_->stop();
    stopped_ = true;
}

std::vector<Notification> Farm::messageFor(const Build& build)
{
    Notification message;
    message.id = build.id + "." + std::to_string(build.revision);
    message.recipientName = "alice";
    message.recipientEmail = "alice@example.com";
    message.facts["build_id"] = build.id;
    message.createdAt = clock_.wall();
    return {message};
}

void Farm::submit(const std::vector<Build>& builds)
{
    world_.engine.spawn([this, builds] {
        try {
            ledger_.admit({.builds = builds, .payloadDigest = {}, .inlinePayload = {}, .idempotency = {}});
        } catch (const std::exception& error) {
            world_.trace("        submission refused: ", error.what());
            return;
        }
        for (const auto& build : builds)
            world_.known(build.id).acknowledged = true;
    });
}

/// As BuildService::cancel does it.
void Farm::cancel(const BuildId& id)
{
    world_.engine.spawn([this, id] {
        for (int attempt = 0; attempt < 5; ++attempt)
            try {
                const auto build = ledger_.find(id);
                if (!build || isFinal(build->state))
                    return;
                if (build->state == BuildState::Cancelling || ledger_.apply(id, life::CancelRequested{"alice"})) {
                    const auto after = world_.rowOf(id);
                    const bool stored = after && (after->state == BuildState::Cancelling || after->state == BuildState::Cancelled);
                    world_.expect(stored, "L7: the cancel of build " + id + " is acknowledged and not stored");
                    world_.known(id).cancelled = true;
                    ++world_.coverage.cancels;
                    return;
                }
            } catch (const Conflict&) {
                continue;
            } catch (const std::exception&) {
                return;
            }
    });
}

void Farm::release(const BuildId& id)
{
    world_.engine.spawn([this, id] {
        const auto build = ledger_.findLive(id);
        if (!build || !build->uncertain)
            return;
        world_.known(id).excused = true;
        try {
            ledger_.apply(id, life::Released{"root"});
        } catch (const std::exception& error) {
            world_.trace("        release refused: ", error.what());
        }
    });
}

void Farm::checkRest()
{
    world_.expect(ledger_.liveCount() == 0, "D3: the ledger keeps builds that have ended");
    world_.expect(queue_.size() == 0, "L6: the queue keeps builds that have ended");
    for (const auto& server : fleet_.list())
        world_.expect(server.builds.empty(), "L4: a slot of " + server.snapshot.id + " is never free again");
}

} // namespace apbfarm::sim

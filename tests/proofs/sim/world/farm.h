// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/build_flow.h"
#include "proofs/sim/world/disk.h"

#include <memory>

namespace apbfarm::sim {

/// How long this case's farm waits for what; drawn once, so that restarts do not change it.
struct Habits {
    life::Policy policy;
    dispatch::Pace pace;
    dispatch::Dispatcher::Limits dispatch;
};

/// One process of the farm: its own ledger, queue, fleet, dispatcher and lanes, put together as app/farm.cpp does it.
class Farm {
public:
    Farm(World& world, Disk& disk, const Habits& habits);
    ~Farm();

    /// Requests are taken once the builds of the last process are recovered.
    bool ready() const { return ready_; }
    /// It could not start, or its storage has failed: the service manager starts another one.
    bool wantsToEnd() const { return gaveUp_ || !disk_.writable(); }
    /// Ends it as a signal does that it can deal with. From a fiber.
    void stop();
    bool stopped() const { return stopped_; }

    // Requests of people, each in a thread of its own.
    void submit(const std::vector<Build>& builds);
    void cancel(const BuildId& id);
    void release(const BuildId& id);
    void drain(const ServerId& id, bool drained) { fleet_.setDrained(id, drained); }

    std::size_t liveCount() const { return ledger_.liveCount(); }
    /// After everything has ended: nothing is kept that belonged to a build.
    void checkRest();

private:
    class Choice;

    void start();
    void tidyForEver();
    std::vector<fleet::ConfiguredServer> configured() const;
    std::vector<Notification> messageFor(const Build& build);

    World& world_;
    Disk& disk_;
    VirtualClock clock_;
    util::TaskBoard tasks_;
    files::LogStore logs_;
    files::LogStreamHub streams_;
    files::ArtifactStore artifacts_;
    service::Payloads payloads_;
    service::BuildQueue queue_;
    fleet::Fleet fleet_;
    service::BuildLedger ledger_;
    std::unique_ptr<Scheduler> scheduler_;
    std::unique_ptr<dispatch::BuildFlow> flow_;
    bool ready_ = false, gaveUp_ = false, stopped_ = false;
};

} // namespace apbfarm::sim

// SPDX-License-Identifier: MIT
#include "life/build_life.h"

#include <utility>

namespace apbfarm::life {

namespace {

BuildState finalStateOf(BuildStatus verdict)
{
    switch (verdict) {
    case BuildStatus::Completed: return BuildState::Completed;
    case BuildStatus::Cancelled: return BuildState::Cancelled;
    default: return BuildState::Failed;
    }
}

/// One event applied to one build. Every member function is the answer to one kind of event.
class Stepper {
public:
    Stepper(const Build& build, const Watch& watch, const Moment& now, const Policy& policy)
        : now_(now), policy_(policy)
    {
        step_.after = build;
        step_.watch = watch;
    }

    Step take() { return std::move(step_); }

    void on(const Placed& event)
    {
        if (state() != BuildState::Queued)
            return;
        auto& build = changed(BuildState::Assigning);
        build.server = event.server;
        build.architecture = event.architecture;
        build.reason = event.reason;
        build.attempt += 1;
        build.uncertain = false;
        build.serverAvailable = true;
        step_.attempt = Attempt{build.id, build.attempt, event.server, now_.wall, std::nullopt, ""};
        step_.watch = {now_.steady, std::nullopt, true};
        act(Action::HandOver);
    }

    void on(const HandOverAccepted&)
    {
        landed();
        if (state() == BuildState::Assigning) {
            changed(BuildState::Building).uncertain = false;
            act(Action::Ask);
        } else if (state() == BuildState::Cancelling) {
            changed(BuildState::Cancelling).uncertain = false;
            act(Action::CancelThere);
        }
    }

    void on(const HandOverNotTaken& event) { comesBack(event.why); }

    void on(const HandOverTooLarge& event)
    {
        if (state() == BuildState::Assigning && event.nobodyElse) {
            landed();
            conclude(BuildState::Failed, event.why);
            return;
        }
        if (state() == BuildState::Assigning && step_.after.server)
            step_.after.refusedBy.push_back(*step_.after.server);
        comesBack(event.why);
    }

    void on(const HandOverRejected& event)
    {
        landed();
        if (state() == BuildState::Assigning)
            conclude(BuildState::Failed, event.why);
        else if (state() == BuildState::Cancelling)
            conclude(BuildState::Cancelled, step_.after.reason);
    }

    void on(const HandOverUnclear& event)
    {
        landed();
        if (state() != BuildState::Assigning && state() != BuildState::Cancelling)
            return;
        auto& build = changed(state());
        build.uncertain = true;
        if (state() == BuildState::Assigning)
            build.reason = "The server did not answer clearly when the build was handed over; it is being asked";
        step_.attempt = Attempt{build.id, build.attempt, *build.server, now_.wall, std::nullopt, event.why};
        act(Action::Ask);
    }

    void on(const Reported& event)
    {
        // A request that is still under way decides itself; a word about an older one would be taken for its own.
        if (step_.watch.inFlight || !isFollowed())
            return;
        answered();
        if (state() == BuildState::Cancelling)
            return reportedWhileCancelling(event);
        if (step_.after.ending)
            return;
        take(event);
        if (!isOver(event.status) || !event.settled)
            return;
        step_.after.ending = verdictOf(event);
        step_.after.endedAt = event.endedAt.value_or(now_.wall);
        step_.store = true;
        act(Action::SecureFiles);
    }

    void on(const NotKnownThere& event)
    {
        if (step_.watch.inFlight || !isFollowed() || step_.after.ending)
            return;
        // L8: a 404 is an answer of the server, but not one that shows the build alive.
        if (!step_.watch.notFoundSince) {
            step_.watch.notFoundSince = now_.steady;
            return;
        }
        const auto missingFor = now_.steady - *step_.watch.notFoundSince;
        if (step_.after.uncertain) {
            // L3: two well-formed 404s, far enough apart, from a healthy server.
            if (missingFor >= policy_.notFoundGap && event.serverHealthy)
                wasNeverThere();
        } else if (state() == BuildState::Cancelling) {
            conclude(BuildState::Cancelled, step_.after.reason);
        } else if (missingFor >= policy_.missingAfter) {
            conclude(BuildState::Failed, "The build server no longer knows this build; it was probably restarted");
        }
    }

    void on(const NoAnswer& event)
    {
        (void)event;
        if (!isFollowed() || step_.watch.inFlight)
            return;
        step_.watch.notFoundSince.reset();
        if (step_.after.serverAvailable) {
            step_.after.serverAvailable = false;
            step_.store = true;
        }
        const auto silence = now_.steady - step_.watch.lastAnswer;
        // L3: an unsettled hand-over stays open; silence proves nothing about it. Only the policy below ends it.
        if (silence >= policy_.giveUpAfter)
            return lost();
        if (silence >= policy_.lostAfter && state() == BuildState::Building)
            changed(BuildState::LostContact).reason = "The build server has not answered for a while";
    }

    void on(const FilesSecured& event)
    {
        if (state() != BuildState::Building && state() != BuildState::LostContact)
            return;
        if (!step_.after.ending)
            return;
        step_.after.artifactsGivenUp = !event.givenUp.empty();
        conclude(finalStateOf(*step_.after.ending), event.givenUp.empty() ? step_.after.reason : event.givenUp);
    }

    void on(const WaitedTooLong& event)
    {
        if (state() == BuildState::Queued)
            conclude(BuildState::Failed, event.why);
    }

    void on(const CancelRequested& event)
    {
        const std::string reason = event.by.empty() ? "Cancelled" : "Cancelled by " + event.by;
        switch (state()) {
        case BuildState::Queued: return conclude(BuildState::Cancelled, reason);
        case BuildState::Assigning: {
            auto& build = changed(BuildState::Cancelling);
            build.uncertain = true;
            build.reason = reason;
            if (!step_.watch.inFlight)
                act(Action::Ask);
            return;
        }
        case BuildState::Building:
        case BuildState::LostContact:
            // D5: the server is done, only files are being fetched; nobody has to be asked.
            if (step_.after.ending)
                return conclude(BuildState::Cancelled, reason);
            changed(BuildState::Cancelling).reason = reason;
            act(Action::CancelThere);
            return;
        default: return;
        }
    }

    void on(const CancelAnswered&)
    {
        if (state() == BuildState::Cancelling && !step_.after.uncertain)
            conclude(BuildState::Cancelled, step_.after.reason);
    }

    void on(const Restarted&)
    {
        step_.watch = {now_.steady, std::nullopt, false};
        switch (state()) {
        case BuildState::Queued: return act(Action::Enqueue);
        case BuildState::Assigning:
            // L1: the intent is stored, whether the request left is not known.
            if (!step_.after.uncertain)
                changed(BuildState::Assigning).uncertain = true;
            return act(Action::Ask);
        case BuildState::Building:
        case BuildState::LostContact: return act(step_.after.ending ? Action::SecureFiles : Action::Ask);
        case BuildState::Cancelling: return act(step_.after.uncertain ? Action::Ask : Action::CancelThere);
        default: return;
        }
    }

    void on(const Released& event)
    {
        if (step_.after.uncertain && !step_.watch.inFlight)
            wasNeverThere("Released by " + event.by);
    }

private:
    BuildState state() const { return step_.after.state; }

    /// A server may be asked about it.
    bool isFollowed() const
    {
        return state() == BuildState::Assigning || state() == BuildState::Building ||
               state() == BuildState::LostContact || state() == BuildState::Cancelling;
    }

    Build& changed(BuildState next)
    {
        step_.after.state = next;
        step_.store = true;
        return step_.after;
    }

    void act(Action action) { step_.actions.push_back(action); }

    void landed()
    {
        step_.watch.inFlight = false;
        step_.watch.lastAnswer = now_.steady;
        step_.watch.notFoundSince.reset();
    }

    void answered()
    {
        step_.watch.lastAnswer = now_.steady;
        step_.watch.notFoundSince.reset();
        if (!step_.after.serverAvailable) {
            step_.after.serverAvailable = true;
            step_.store = true;
        }
    }

    /// The server does not have it, for certain.
    void comesBack(const std::string& why)
    {
        landed();
        if (state() == BuildState::Cancelling)
            return conclude(BuildState::Cancelled, step_.after.reason);
        if (state() != BuildState::Assigning)
            return;
        closeAttempt(why);
        auto& build = changed(BuildState::Queued);
        build.server.reset();
        build.uncertain = false;
        build.reason = "Waiting to be handed over again";
        act(Action::Enqueue);
    }

    void wasNeverThere(const std::string& why = "The server does not know the build")
    {
        step_.watch.notFoundSince.reset();
        comesBack(why);
    }

    void lost()
    {
        if (state() == BuildState::Cancelling)
            return conclude(BuildState::Cancelled, step_.after.reason);
        if (step_.after.ending)
            return;
        conclude(BuildState::Failed, "The build server did not come back");
    }

    BuildStatus verdictOf(const Reported& event)
    {
        // Servers label a build that ran out of time "cancelled" or "failed", as it happens (protocol 6).
        const bool ranOut = event.duration && *event.duration >= step_.after.timeout;
        if (event.status == BuildStatus::Failed && !ranOut)
            step_.after.reason = "The package could not be built" +
                                 (event.exitCode ? ": makepkg ended with code " + std::to_string(*event.exitCode) : "");
        if (event.status == BuildStatus::Completed || !ranOut)
            return event.status;
        step_.after.reason = "Timed out after " + std::to_string(step_.after.timeout.count()) + " seconds";
        return BuildStatus::Failed;
    }

    void take(const Reported& event)
    {
        auto& build = step_.after;
        const bool known = state() == BuildState::Building && build.serverRecord == event.document;
        build.lastStatusUpdate = now_.wall;
        if (known)
            return;
        build.serverRecord = event.document;
        if (event.startedAt)
            build.startedAt = event.startedAt;
        if (state() == BuildState::LostContact)
            build.reason.clear();
        build.uncertain = false;
        // It turned out to be there: from now on its log is followed as well.
        if (state() == BuildState::Assigning)
            act(Action::Ask);
        changed(BuildState::Building);
    }

    void reportedWhileCancelling(const Reported& event)
    {
        if (isOver(event.status))
            return conclude(BuildState::Cancelled, step_.after.reason);
        if (step_.after.uncertain)
            changed(BuildState::Cancelling).uncertain = false;
        act(Action::CancelThere);
    }

    void closeAttempt(const std::string& outcome)
    {
        auto& build = step_.after;
        if (build.server && build.attempt > 0)
            step_.attempt = Attempt{build.id, build.attempt, *build.server, now_.wall, now_.wall, outcome};
    }

    void conclude(BuildState verdict, const std::string& reason)
    {
        auto& build = changed(verdict);
        build.reason = reason;
        build.uncertain = false;
        if (!build.endedAt)
            build.endedAt = now_.wall;
        closeAttempt(std::string(toText(verdict)));
        act(Action::Conclude);
    }

    Step step_;
    const Moment& now_;
    const Policy& policy_;
};

} // namespace

Step apply(const Build& build, const Watch& watch, const Event& event, const Moment& now, const Policy& policy)
{
    Stepper stepper(build, watch, now, policy);
    if (!isFinal(build.state))
        std::visit([&](const auto& e) { stepper.on(e); }, event);
    return stepper.take();
}

} // namespace apbfarm::life

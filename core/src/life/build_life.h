// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <apbfarm/model.h>
#include <apbfarm/storage.h>

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The life of one build as a pure function: an event comes in, a new row and actions come out.
///
/// No clock, socket, disk or lock of its own, so the daemon, the property tests and a simulator run the same code.
/// The rules are those of the threat model, sections 4 and 5; their ids stand beside the code.
namespace apbfarm::life {

/// How long the farm waits before it believes something. All are measured on the steady clock.
struct Policy {
    std::chrono::milliseconds lostAfter{std::chrono::minutes(10)};    ///< L8: without an answer, shown as lost
    std::chrono::milliseconds giveUpAfter{std::chrono::minutes(30)};  ///< L8: without an answer, failed
    std::chrono::milliseconds missingAfter{std::chrono::minutes(15)}; ///< L8: forgotten by its server, failed
    std::chrono::milliseconds notFoundGap{std::chrono::seconds(60)};  ///< L3: between the two 404s that prove absence; at least 30 s
};

/// No more comes of a build that its server says this of.
constexpr bool isOver(BuildStatus status)
{
    return status != BuildStatus::Queued && status != BuildStatus::Building;
}

/// Both times of one event.
struct Moment {
    Timestamp wall;
    util::Instant steady;
};

/// What is remembered about a live build beside its stored row. Starts anew with the process.
struct Watch {
    util::Instant lastAnswer{};                    ///< last successful answer about this build
    std::optional<util::Instant> notFoundSince;    ///< first of an unbroken row of 404s
    bool inFlight = false;                         ///< a hand-over request of this process is under way
};

// Events, in the order of a life.

struct Placed { ServerId server; std::string architecture; std::string reason; };
struct HandOverAccepted {};
/// The server certainly does not have it: back to the queue.
struct HandOverNotTaken { std::string why; };
/// Over this server's size limit, or not in a form that it takes; another one may take it.
struct HandOverTooLarge { bool nobodyElse = false; std::string why; };
/// The submission itself is wrong; no server will take it.
struct HandOverRejected { std::string why; };
/// Time-out, reset, reply lost: only that server can tell.
struct HandOverUnclear { std::string why; };

/// The server answered about the build. `settled`: a final status with all its fields (protocol 5.4).
struct Reported {
    BuildStatus status;
    bool settled = false;
    std::string document;
    std::optional<Timestamp> startedAt;
    std::optional<Timestamp> endedAt;
    std::optional<std::chrono::duration<double>> duration;
    std::optional<int> exitCode{};
};
/// A well-formed 404 about the build.
struct NotKnownThere { bool serverHealthy = true; };
/// The server could not be asked.
struct NoAnswer { std::string why; };

/// Log and packages are safe in the farm, or cannot be had any more (`givenUp` says why).
struct FilesSecured { std::string givenUp; };

/// No server took it within the longest time that this farm lets a build wait.
struct WaitedTooLong { std::string why; };

struct CancelRequested { std::string by; };
/// The server answered the cancel request, whatever it said.
struct CancelAnswered {};

/// The process has just started with this build in its database.
struct Restarted {};
/// An administrator says that the server does not have it.
struct Released { std::string by; };

using Event = std::variant<Placed, HandOverAccepted, HandOverNotTaken, HandOverTooLarge, HandOverRejected,
                           HandOverUnclear, Reported, NotKnownThere, NoAnswer, FilesSecured, WaitedTooLong,
                           CancelRequested, CancelAnswered, Restarted, Released>;

/// What the outside has to do after a step. Each is safe to do twice.
enum class Action {
    Enqueue,        ///< wait for a server
    HandOver,       ///< send it to `server`; only after the step is stored (L1)
    Ask,            ///< ask `server` for the status until it answers
    CancelThere,    ///< ask `server` to cancel until it answers
    SecureFiles,    ///< fetch the rest of the log and the packages
    Conclude        ///< final: tell people, stop following, free what it held
};

struct Step {
    Build after;                     ///< equal to the old row when `store` is false
    Watch watch;
    bool store = false;              ///< the row changed and must be written before any action is taken
    std::optional<Attempt> attempt;  ///< to write with the row; empty `startedAt` never occurs
    std::vector<Action> actions;
};

/// Total: an event that does not concern the state changes nothing. Final states never change (D5).
Step apply(const Build& build, const Watch& watch, const Event& event, const Moment& now, const Policy& policy);

} // namespace apbfarm::life

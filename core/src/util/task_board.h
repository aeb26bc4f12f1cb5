// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm::util {

/// How one kind of background work has done since the start.
struct TaskReport {
    std::string name;                ///< "dispatch"; also the label of its metrics
    std::string summary;             ///< one sentence for people
    int running = 0;                 ///< runs under way now; several threads may share a task
    std::uint64_t runs = 0;          ///< finished ones
    std::uint64_t failures = 0;      ///< of those
    std::optional<Timestamp> lastStart, lastEnd;
    std::chrono::microseconds lastDuration{0}, totalDuration{0};
    std::string lastFailure;         ///< one line; empty when none has failed
    std::optional<Timestamp> lastFailureAt;
    std::optional<Timestamp> nextRun;   ///< at the latest, as the last run said; empty when it waits for an event
};

/// One kind of background work, which reports to the board by running through here. Thread-safe.
class Task {
public:
    Task(std::string name, std::string summary, const Clock& clock);

    /// Runs `work` and gives back what it returns. What it throws counts as a failure and passes on.
    template <class F> auto run(F&& work)
    {
        Running running(*this);
        try {
            return std::forward<F>(work)();
        } catch (const std::exception& error) {
            running.failure = error.what();
            throw;
        } catch (...) {
            running.failure = "unknown exception";
            throw;
        }
    }
    /// The next run comes after so long at the latest; empty: when something wakes it.
    void nextIn(std::optional<std::chrono::milliseconds> pause);
    /// A failure that the work dealt with itself, in a sentence without secrets.
    void failed(const std::string& what);

    TaskReport report() const { return state_.copy(); }

private:
    struct Running {
        explicit Running(Task& owner);
        ~Running();
        Task& task;
        const Instant begin;
        std::string failure;
    };

    const Clock& clock_;
    Guarded<TaskReport> state_;
};

/// All kinds of background work of the process, for administrators and metrics. Thread-safe.
class TaskBoard {
public:
    explicit TaskBoard(const Clock& clock) : clock_(clock) {}

    /// The task of that name, made at first. Lives as long as the board.
    Task& task(const std::string& name, const std::string& summary);
    /// `step` as a worker's step that reports here: its pause is the time of the next run.
    template <class Step> auto watched(const std::string& name, const std::string& summary, Step step)
    {
        return [&task = task(name, summary), step = std::move(step)] {
            const std::optional<std::chrono::milliseconds> pause = task.run(step);
            task.nextIn(pause);
            return pause;
        };
    }
    /// In the order in which they were named first.
    std::vector<TaskReport> list() const;

private:
    const Clock& clock_;
    Guarded<std::deque<Task>> tasks_;   // a deque never moves what is in it
};

} // namespace apbfarm::util

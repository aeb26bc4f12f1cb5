// SPDX-License-Identifier: MIT
#include "util/task_board.h"

#include "util/text.h"

#include <algorithm>

namespace apbfarm::util {

namespace {

constexpr std::size_t kLongestFailure = 400;   // bytes

} // namespace

Task::Task(std::string name, std::string summary, const Clock& clock) : clock_(clock)
{
    state_.with([&](TaskReport& state) {
        state.name = std::move(name);
        state.summary = std::move(summary);
    });
}

Task::Running::Running(Task& owner) : task(owner), begin(owner.clock_.steady())
{
    task.state_.with([&](TaskReport& state) {
        ++state.running;
        state.lastStart = task.clock_.wall();
        state.nextRun.reset();
    });
}

Task::Running::~Running()
{
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(task.clock_.steady() - begin);
    task.state_.with([&](TaskReport& state) {
        --state.running;
        ++state.runs;
        state.lastEnd = task.clock_.wall();
        state.lastDuration = took;
        state.totalDuration += took;
    });
    if (!failure.empty())
        task.failed(failure);
}

void Task::nextIn(std::optional<std::chrono::milliseconds> pause)
{
    state_.with([&](TaskReport& state) {
        state.nextRun = pause ? std::optional(clock_.wall() + *pause) : std::nullopt;
    });
}

void Task::failed(const std::string& what)
{
    state_.with([&](TaskReport& state) {
        ++state.failures;
        state.lastFailure = oneLine(what, kLongestFailure);
        state.lastFailureAt = clock_.wall();
    });
}

Task& TaskBoard::task(const std::string& name, const std::string& summary)
{
    return tasks_.with([&](std::deque<Task>& tasks) -> Task& {
        const auto known = std::ranges::find_if(tasks, [&](const Task& task) { return task.report().name == name; });
        return known == tasks.end() ? tasks.emplace_back(name, summary, clock_) : *known;
    });
}

std::vector<TaskReport> TaskBoard::list() const
{
    return tasks_.with([](const std::deque<Task>& tasks) {
        std::vector<TaskReport> reports;
        for (const auto& task : tasks)
            reports.push_back(task.report());
        return reports;
    });
}

} // namespace apbfarm::util

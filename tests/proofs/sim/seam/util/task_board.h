// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace apbfarm::util {

/// Stands for the farm's own: nobody looks at the work of the simulation.
class Task {
public:
    template <class F> auto run(F&& work) { return std::forward<F>(work)(); }
    void nextIn(std::optional<std::chrono::milliseconds>) {}
    void failed(const std::string&) {}
};

class TaskBoard {
public:
    Task& task(const std::string&, const std::string&) { return task_; }
    template <class Step> auto watched(const std::string&, const std::string&, Step step) { return step; }

private:
    Task task_;
};

} // namespace apbfarm::util

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/sim/world/engine.h"

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace apbfarm::util {

/// Stands for the farm's own, with the same promises, as a fiber in virtual time.
class Worker {
public:
    using Step = std::function<std::optional<std::chrono::milliseconds>()>;
    using OnError = std::function<void(const std::string& what)>;

    Worker(const std::string&, Step step, OnError onError)
        : step_(std::move(step)), onError_(std::move(onError)), engine_(*sim::Engine::current()),
          fiber_(engine_.spawn([this] { run(); }))
    {
    }
    ~Worker() { stop(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void wake()
    {
        woken_ = true;
        engine_.wake(fiber_);
    }
    void stop()
    {
        stopping_ = true;
        engine_.wake(fiber_);
        engine_.join(fiber_);
    }

private:
    void run()
    {
        std::optional<std::chrono::milliseconds> pause;
        for (;;) {
            const auto until = pause ? std::optional(engine_.now() + *pause) : std::nullopt;
            while (!woken_ && !stopping_ && engine_.sleep(until)) {
            }
            if (stopping_)
                return;
            woken_ = false;
            try {
                pause = step_();
            } catch (const std::exception& error) {
                onError_(error.what());
                pause = std::chrono::seconds(1);
            }
        }
    }

    Step step_;
    OnError onError_;
    sim::Engine& engine_;
    bool woken_ = true;
    bool stopping_ = false;
    sim::FiberId fiber_;   // last: starts when all else is there
};

inline void nameThread(const std::string&) {}

} // namespace apbfarm::util

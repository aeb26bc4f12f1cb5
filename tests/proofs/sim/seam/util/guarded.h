// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/sim/world/engine.h"

#include <utility>

namespace apbfarm::util {

/// Stands for the farm's own. Nothing runs side by side in the simulation; instead any touch of shared data may be the
/// moment at which another thread of the farm gets its turn.
template <class T> class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    template <class F> decltype(auto) with(F&& f)
    {
        const sim::Engine::Held held;
        return std::forward<F>(f)(value_);
    }
    template <class F> decltype(auto) with(F&& f) const
    {
        const sim::Engine::Held held;
        return std::forward<F>(f)(value_);
    }
    T copy() const
    {
        const sim::Engine::Held held;
        return value_;
    }

private:
    T value_{};
};

} // namespace apbfarm::util

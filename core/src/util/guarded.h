// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <utility>

namespace apbfarm::util {

/// A value that can only be touched while its mutex is held. Copy out, leave, then decide.
template <class T> class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    template <class F> decltype(auto) with(F&& f)
    {
        std::lock_guard lock(mutex_);
        return std::forward<F>(f)(value_);
    }
    template <class F> decltype(auto) with(F&& f) const
    {
        std::lock_guard lock(mutex_);
        return std::forward<F>(f)(value_);
    }
    T copy() const
    {
        std::lock_guard lock(mutex_);
        return value_;
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

} // namespace apbfarm::util

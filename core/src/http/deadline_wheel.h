// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace apbfarm::http {

/// Milliseconds of the steady clock.
using Millis = std::int64_t;

/// One thing that can be due. Base of what the wheel holds; leaves the wheel with its destruction.
class Deadline {
public:
    Deadline() = default;
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    ~Deadline() { unlink(); }

private:
    friend class DeadlineWheel;
    void unlink();

    Deadline* previous_ = nullptr;
    Deadline* next_ = nullptr;
    Millis due_ = 0;
    std::int64_t tick_ = 0; // where it is linked; at most one after `due_`
};

/// Deadlines of one event loop. Moving one to a later time, as every request does, costs two stores.
class DeadlineWheel {
public:
    explicit DeadlineWheel(Millis now);

    void set(Deadline& deadline, Millis due);
    void clear(Deadline& deadline) { deadline.due_ = kNever; }

    /// Calls `fire(deadline)` for all that are due. It may set, clear and destroy deadlines.
    template <class F> void expire(Millis now, F&& fire)
    {
        while (tick_ < now / kTick) {
            ++tick_;
            auto& slot = slotOf(tick_);
            while (auto* deadline = slot.next_ == &slot ? nullptr : slot.next_) {
                deadline->unlink();
                if (deadline->due_ <= now)
                    fire(*deadline);
                else if (deadline->due_ != kNever)
                    link(*deadline, deadline->due_);
            }
        }
        findNext();
    }
    /// When `expire` has something to do, at the earliest; INT64_MAX when never.
    Millis next() const { return next_; }

private:
    static constexpr Millis kTick = 20;
    static constexpr std::int64_t kSlots = 1024;
    static constexpr Millis kNever = INT64_MAX;

    Deadline& slotOf(std::int64_t tick) { return slots_[static_cast<std::size_t>(tick % kSlots)]; }
    void link(Deadline& deadline, Millis due);
    void findNext();

    std::array<Deadline, kSlots> slots_;
    std::int64_t tick_;      // the last one that was looked at
    Millis next_ = kNever;
};

} // namespace apbfarm::http

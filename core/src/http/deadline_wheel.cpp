// SPDX-License-Identifier: MIT
#include "http/deadline_wheel.h"

#include <algorithm>

namespace apbfarm::http {

void Deadline::unlink()
{
    if (!next_)
        return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
}

DeadlineWheel::DeadlineWheel(Millis now) : tick_(now / kTick)
{
    for (auto& slot : slots_)
        slot.previous_ = slot.next_ = &slot;
}

void DeadlineWheel::set(Deadline& deadline, Millis due)
{
    deadline.due_ = due;
    if (deadline.next_ && deadline.tick_ * kTick <= due + kTick)
        return; // looked at in time, and linked again then
    deadline.unlink();
    link(deadline, due);
}

void DeadlineWheel::link(Deadline& deadline, Millis due)
{
    const auto tick = std::clamp(due / kTick + 1, tick_ + 1, tick_ + kSlots - 1);
    auto& slot = slotOf(tick);
    deadline.tick_ = tick;
    deadline.previous_ = slot.previous_;
    deadline.next_ = &slot;
    slot.previous_->next_ = &deadline;
    slot.previous_ = &deadline;
    next_ = std::min(next_, tick * kTick);
}

void DeadlineWheel::findNext()
{
    for (auto tick = tick_ + 1; tick < tick_ + kSlots; ++tick) {
        const auto& slot = slotOf(tick);
        if (slot.next_ != &slot) {
            next_ = tick * kTick;
            return;
        }
    }
    next_ = kNever;
}

} // namespace apbfarm::http

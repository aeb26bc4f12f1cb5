// SPDX-License-Identifier: MIT
#include "service/repeat_gate.h"

#include <apbfarm/errors.h>

namespace apbfarm::service {

RepeatGate::Turn RepeatGate::enter(const Key& key)
{
    std::unique_lock lock(mutex_);
    const auto isFree = [&] { return !inside_.contains(key); };
    if (!isFree()) {
        bool came = false;
        if (waiting_ < waiters_) {
            ++waiting_;
            came = left_.wait_for(lock, patience_, isFree);
            --waiting_;
        }
        if (!came)
            throw Conflict("The same request is being worked on", "request_in_progress");
    }
    auto own = key;   // first: nobody would give the key back if there were no memory for it afterwards
    inside_.insert(key);
    return {*this, std::move(own)};
}

void RepeatGate::leave(const Key& key)
{
    {
        std::lock_guard lock(mutex_);
        inside_.erase(key);
    }
    left_.notify_all();
}

RepeatGate::Turn::~Turn()
{
    if (gate_)
        gate_->leave(key_);
}

} // namespace apbfarm::service

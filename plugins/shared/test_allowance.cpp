// SPDX-License-Identifier: MIT
#include "test_allowance.h"

#include <apbfarm/errors.h>

namespace shared {

namespace {
constexpr std::size_t kMost = 5;
constexpr std::chrono::seconds kPeriod{60};
} // namespace

TestAllowance::Turn TestAllowance::take()
{
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(mutex_);
    while (!recent_.empty() && now - recent_.front() >= kPeriod)
        recent_.pop_front();
    if (running_)
        throw apbfarm::TooMany("A test message is being sent already");
    if (recent_.size() >= kMost)
        throw apbfarm::TooMany("Too many test messages; try again in a minute", kPeriod);
    running_ = true;
    recent_.push_back(now);
    return Turn(this, [this](void*) {
        std::lock_guard done(mutex_);
        running_ = false;
    });
}

} // namespace shared

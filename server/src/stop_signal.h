// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace apbfarm::server {

enum class StopCause { None, Cancelled, ServerStops };

/// Tells a running build to end, from any thread. The first cause stands.
class StopSignal {
public:
    StopSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (!event_)
            throw std::system_error(errno, std::generic_category(), "eventfd");
    }

    void raise(StopCause cause)
    {
        auto expected = StopCause::None;
        cause_.compare_exchange_strong(expected, cause);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    }

    StopCause cause() const { return cause_; }
    /// Readable once raised, for ever.
    int descriptor() const { return event_.get(); }

private:
    util::UniqueFd event_;
    std::atomic<StopCause> cause_{StopCause::None};
};

} // namespace apbfarm::server

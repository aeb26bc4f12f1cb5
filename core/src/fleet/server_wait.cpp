// SPDX-License-Identifier: MIT
#include "fleet/server_wait.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace apbfarm::fleet {

using std::chrono::milliseconds;

AbortSignal::AbortSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!event_)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

void AbortSignal::raise()
{
    ::eventfd_write(event_.get(), 1);
}

bool AbortSignal::isRaised() const
{
    pollfd entry{event_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
}

Deadline Deadline::at(Instant moment)
{
    Deadline deadline;
    deadline.next_ = moment;
    return deadline;
}

Deadline Deadline::after(milliseconds time)
{
    return at(std::chrono::steady_clock::now() + time);
}

Deadline Deadline::transfer(milliseconds stall, std::uint64_t bytesPerSecond)
{
    Deadline deadline;
    deadline.start_ = std::chrono::steady_clock::now();
    deadline.next_ = deadline.start_ + stall;
    deadline.stall_ = stall;
    deadline.bytesPerSecond_ = bytesPerSecond;
    return deadline;
}

void Deadline::moved(std::uint64_t bytes)
{
    if (bytesPerSecond_ == 0 || bytes == 0)
        return;
    moved_ += bytes;
    const auto earned = milliseconds(moved_ * 1000 / bytesPerSecond_);
    next_ = std::min(std::chrono::steady_clock::now() + stall_, start_ + stall_ + earned);
}

short waitFor(int descriptor, short events, Instant until, const AbortSignal& abort)
{
    for (;;) {
        pollfd entries[] = {{abort.descriptor(), POLLIN, 0}, {descriptor, events, 0}};
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        const auto timeout = std::clamp<milliseconds::rep>(left.count(), 0, 3'600'000);
        const int ready = ::poll(entries, 2, static_cast<int>(timeout));
        if (ready < 0 && errno != EINTR)
            throw ExchangeBroken(Break::Closed, std::system_category().message(errno));
        if (entries[0].revents && ready > 0)
            throw ExchangeBroken(Break::Aborted, "given up because the farm is stopping");
        if (ready > 0)
            return entries[1].revents;
        if (std::chrono::steady_clock::now() >= until)
            throw ExchangeBroken(Break::TimedOut, "no answer in time");
    }
}

} // namespace apbfarm::fleet

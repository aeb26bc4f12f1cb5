// SPDX-License-Identifier: MIT
#include "http/mailbox.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>
#include <thread>

namespace apbfarm::http {

namespace {

constexpr std::chrono::milliseconds kMemoryPause{10};

} // namespace

Mailbox::Mailbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    if (!event_)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

// One signal wakes the loop for all letters that come before it looks.
template <class F> void Mailbox::post(F&& put)
{
    {
        std::lock_guard lock(mutex_);
        put(letters_);
        if (signalled_)
            return;
        signalled_ = true;
    }
    ::eventfd_write(event_.get(), 1);
}

// A letter that got lost would leave the client without an answer for ever.
void Mailbox::answered(Connection& connection) noexcept
{
    for (;;) {
        try {
            return post([&](Letters& letters) { letters.answered.push_back(&connection); });
        } catch (const std::bad_alloc&) {
            std::this_thread::sleep_for(kMemoryPause);
        }
    }
}

void Mailbox::wake(std::uint64_t group)
{
    post([&](Letters& letters) {
        if (letters.woken.empty() || letters.woken.back() != group)
            letters.woken.push_back(group);
    });
}

void Mailbox::roomMade()
{
    post([](Letters& letters) { letters.room = true; });
}

void Mailbox::stop()
{
    post([](Letters& letters) { letters.stop = true; });
}

void Mailbox::collect(Letters& letters)
{
    eventfd_t ignored;
    ::eventfd_read(event_.get(), &ignored);
    std::lock_guard lock(mutex_);
    std::swap(letters, letters_);
    signalled_ = false;
}

} // namespace apbfarm::http

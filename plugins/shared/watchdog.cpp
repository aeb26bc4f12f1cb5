// SPDX-License-Identifier: MIT
#include "watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace shared {

Watchdog::Watchdog(int socket, std::chrono::steady_clock::time_point deadline)
    : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)), deadline_(deadline)
{
    if (socket_ < 0)
        throw std::system_error(errno, std::generic_category(), "a connection cannot be watched");
    thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog()
{
    {
        std::lock_guard lock(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
    ::close(socket_);
}

bool Watchdog::hasCut() const
{
    std::lock_guard lock(mutex_);
    return cut_;
}

void Watchdog::run()
{
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, deadline_, [this] { return done_; }))
        return;
    cut_ = true;
    ::shutdown(socket_, SHUT_RDWR);
}

} // namespace shared

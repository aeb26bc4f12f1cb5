// SPDX-License-Identifier: MIT
#include "util/service_manager.h"

#include "util/text.h"
#include "util/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <utility>

namespace apbfarm::util {

namespace {

std::string taken(const char* variable)
{
    const char* value = std::getenv(variable);
    std::string text = value ? value : "";
    ::unsetenv(variable);
    return text;
}

/// systemd compares it with its own clock to tell an old READY=1 from the one after a reload.
std::string monotonicMicroseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

} // namespace

ServiceManager ServiceManager::fromEnvironment()
{
    auto socket = taken("NOTIFY_SOCKET");
    const auto microseconds = parseUnsigned(taken("WATCHDOG_USEC"), std::numeric_limits<std::int64_t>::max());
    const auto process = taken("WATCHDOG_PID");
    const bool meansUs = process.empty() || process == std::to_string(::getpid());
    std::optional<std::chrono::microseconds> patience;
    if (microseconds && *microseconds > 0 && meansUs)
        patience = std::chrono::microseconds(*microseconds);
    return {std::move(socket), patience};
}

ServiceManager::ServiceManager(std::string socket, std::optional<std::chrono::microseconds> patience)
    : socket_(std::move(socket)), patience_(patience)
{
}

void ServiceManager::ready(std::string_view status) const
{
    send("READY=1\nSTATUS=" + std::string(status) + "\n");
}

void ServiceManager::reloading() const
{
    send("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicroseconds() + "\n");
}

void ServiceManager::stopping() const
{
    send("STOPPING=1\n");
}

void ServiceManager::alive() const
{
    send("WATCHDOG=1\n");
}

std::optional<std::chrono::milliseconds> ServiceManager::heartbeat() const
{
    if (socket_.empty() || !patience_)
        return {};
    return std::chrono::duration_cast<std::chrono::milliseconds>(*patience_ / 2);
}

void ServiceManager::send(const std::string& news) const
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path)
        return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_[0] == '@')
        address.sun_path[0] = '\0';
    const UniqueFd sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    [[maybe_unused]] const auto sent = ::sendto(sender.get(), news.data(), news.size(), MSG_NOSIGNAL,
                                                reinterpret_cast<const sockaddr*>(&address), length);
}

} // namespace apbfarm::util

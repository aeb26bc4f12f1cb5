// SPDX-License-Identifier: MIT
#include "http/self_check.h"

#include "util/unique_fd.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace apbfarm::http {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

bool becomes(int socket, short event, Clock::time_point end)
{
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    pollfd waited{socket, event, 0};
    return ::poll(&waited, 1, static_cast<int>(std::max<long>(left, 0))) == 1;
}

util::UniqueFd beginConnection(const std::string& host, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    // An empty host and the addresses that mean "all of this machine" lead to this machine.
    if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    for (const auto* address = found; address; address = address->ai_next) {
        util::UniqueFd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket && (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS))
            return socket;
    }
    return {};
}

} // namespace

bool isAnswering(const std::string& host, std::uint16_t port, milliseconds limit)
{
    const auto end = Clock::now() + limit;
    const auto socket = beginConnection(host, port);
    if (!socket || !becomes(socket.get(), POLLOUT, end))
        return false;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return false;
    if (::send(socket.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0)
        return true;   // closed on us: somebody looked after this connection
    return becomes(socket.get(), POLLIN, end);
}

std::unique_ptr<util::Worker> startHeartbeat(const util::ServiceManager& manager, const std::string& host,
                                             std::uint16_t port, util::Worker::OnError onError)
{
    const auto pause = manager.heartbeat();
    if (!pause)
        return nullptr;
    // A look may take as long as the pause before it, and one that fails is repeated in time.
    return std::make_unique<util::Worker>(
        "heartbeat",
        [=]() -> std::optional<milliseconds> {
            if (!isAnswering(host, port, *pause / 2))
                throw std::runtime_error("The program does not answer itself; the service manager will restart it");
            manager.alive();
            return *pause / 2;
        },
        std::move(onError));
}

} // namespace apbfarm::http

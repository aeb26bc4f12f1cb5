// SPDX-License-Identifier: MIT
#include "http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace apbfarm::http {

namespace {

constexpr int kBacklog = 4096;

[[noreturn]] void fail(int error, const std::string& host, std::uint16_t port)
{
    throw std::system_error(error, std::generic_category(), "cannot listen on " + host + ":" + std::to_string(port));
}

bool bindAlone(int socket, const addrinfo& address)
{
    const int on = 1;
    return ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           ::bind(socket, address.ai_addr, address.ai_addrlen) == 0;
}

bool bindShared(int socket, const addrinfo& address)
{
    const int on = 1;
    return ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
           ::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0;
}

util::UniqueFd newSocket(const addrinfo& address)
{
    return util::UniqueFd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

} // namespace

util::UniqueFd listenOn(const std::string& host, std::uint16_t port, bool isFirst)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        fail(EADDRNOTAVAIL, host, port);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    int error = EADDRNOTAVAIL;
    for (const auto* address = found; address; address = address->ai_next) {
        auto socket = newSocket(*address);
        if (socket && isFirst && port != 0 && !bindAlone(socket.get(), *address)) {
            error = errno;
            continue;
        }
        if (isFirst && port != 0)
            socket = newSocket(*address);
        if (socket && bindShared(socket.get(), *address))
            return socket;
        error = errno;
    }
    fail(error, host, port);
}

std::uint16_t boundPort(int socket)
{
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                               : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace apbfarm::http {

namespace {

constexpr int kBacklog = 4096;
constexpr int kFreePortAttempts = 16;

[[noreturn]] void fail(int error, const std::string& host, std::uint16_t port)
{
    throw std::system_error(error, std::generic_category(), "cannot listen on " + host + ":" + std::to_string(port));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses resolve(const std::string& host, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0)
        fail(EADDRNOTAVAIL, host + " (" + ::gai_strerror(error) + ")", port);
    return {found, &::freeaddrinfo};
}

bool isRepeated(const addrinfo& address, const addrinfo* before)
{
    for (; before != &address; before = before->ai_next)
        if (before->ai_addrlen == address.ai_addrlen &&
            std::memcmp(before->ai_addr, address.ai_addr, address.ai_addrlen) == 0)
            return true;
    return false;
}

/// A socket that is bound there, empty with `errno` when that fails.
util::UniqueFd boundSocket(const addrinfo& address, bool isShared, bool isOneOfSeveral)
{
    const int on = 1;
    util::UniqueFd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!isShared || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        // IPv4 has a socket of its own then, and :: would take its place.
        (!isOneOfSeveral || address.ai_family != AF_INET6 ||
         ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
        ::bind(socket.get(), address.ai_addr, address.ai_addrlen) == 0)
        return socket;
    return {};
}

util::UniqueFd listenAt(const addrinfo& address, bool mustBeFree, bool isOneOfSeveral)
{
    if (mustBeFree && !boundSocket(address, false, isOneOfSeveral))
        return {};
    auto socket = boundSocket(address, true, isOneOfSeveral);
    return socket && ::listen(socket.get(), kBacklog) == 0 ? std::move(socket) : util::UniqueFd();
}

void setPort(sockaddr& address, std::uint16_t port)
{
    (address.sa_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                   : reinterpret_cast<sockaddr_in&>(address).sin_port) = htons(port);
}

/// Names may stand for addresses that this machine has switched off.
bool isAbsentHere(int error)
{
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

/// 0, or why not. Port 0: the first address gets any, the others must have the same.
int listenAtAll(const addrinfo& first, std::uint16_t port, bool isFirst, std::vector<util::UniqueFd>& sockets)
{
    int error = EADDRNOTAVAIL;
    for (auto* address = &first; address; address = address->ai_next) {
        if (isRepeated(*address, &first))
            continue;
        setPort(*address->ai_addr, sockets.empty() ? port : boundPort(sockets.front().get()));
        const bool mustBeFree = isFirst && (port != 0 || !sockets.empty());
        if (auto socket = listenAt(*address, mustBeFree, first.ai_next))
            sockets.push_back(std::move(socket));
        else if (error = errno; !isAbsentHere(error))
            return error;
    }
    return sockets.empty() ? error : 0;
}

} // namespace

std::vector<util::UniqueFd> listenOn(const std::string& host, std::uint16_t port, bool isFirst)
{
    const auto addresses = resolve(host, port);
    for (int attempt = 1;; ++attempt) {
        std::vector<util::UniqueFd> sockets;
        const int error = listenAtAll(*addresses, port, isFirst, sockets);
        if (error == 0)
            return sockets;
        if (port != 0 || error != EADDRINUSE || attempt == kFreePortAttempts)
            fail(error, host, port);
    }
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

// SPDX-License-Identifier: MIT
#include "http/event_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace apbfarm::http {

namespace {

constexpr int kAcceptsPerRound = 64;
constexpr std::size_t kTurnedAwayAtOnce = 1024;

} // namespace

void EventLoop::accept(const util::UniqueFd& listener)
{
    for (int i = 0; i < kAcceptsPerRound && listener; ++i) {
        sockaddr_storage address{};
        socklen_t length = sizeof address;
        util::UniqueFd socket(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&address), &length,
                                        SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                pauseAccepting();
            return;
        }
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        admit(std::move(socket), addressText(address));
    }
}

void EventLoop::admit(util::UniqueFd socket, std::string peer)
{
    // A connection must never fail to close.
    if (const auto most = connections_.size() + retired_.size() + 1; retired_.capacity() < most)
        retired_.reserve(2 * most);
    auto key = server_.quotaKey(peer);
    const auto verdict = server_.connections.take(key);
    const bool granted = verdict == Quota::Verdict::Granted;
    if (!granted && server_.connections.used() + kTurnedAwayAtOnce < connections_.size())
        return;
    auto lease = granted ? QuotaLease(server_.connections, std::move(key)) : QuotaLease();
    auto& connection = *connections_.emplace_back(
        std::make_unique<Connection>(*this, std::move(socket), std::move(peer), std::move(lease)));
    connection.index = connections_.size() - 1;
    counters_.connections = connections_.size();
    let(connection, [&] { begin(connection, verdict); });
}

void EventLoop::begin(Connection& connection, Quota::Verdict verdict)
{
    if (verdict == Quota::Verdict::Granted)
        connection.start();
    else if (verdict == Quota::Verdict::KeyReached)
        connection.turnAway(TooMany("Too many connections from this address.", std::chrono::seconds(5),
                                    "too_many_connections"));
    else
        connection.turnAway(Unavailable("Too many connections.", "too_many_connections"));
}

// Out of descriptors: without a pause the listening sockets would wake the loop for ever.
void EventLoop::pauseAccepting()
{
    for (const auto& listener : listeners_)
        ::epoll_ctl(poller_.get(), EPOLL_CTL_DEL, listener.get(), nullptr);
    acceptAgain_ = now_ + kAcceptPause;
}

} // namespace apbfarm::http

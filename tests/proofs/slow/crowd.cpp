// SPDX-License-Identifier: MIT
#include "proofs/slow/crowd.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr auto kTick = 50ms;
constexpr auto kTryAgain = 200ms;
constexpr int kSmallBuffer = 4096;              // of those that do not read
constexpr std::size_t kConnectsPerTick = 400;   // no SYN flood of our own

sockaddr_in sourceOf(std::size_t member, const std::string& address)
{
    sockaddr_in source{};
    source.sin_family = AF_INET;
    if (address.empty())
        source.sin_addr.s_addr = htonl(0x7f010001u + static_cast<std::uint32_t>(member % 250) * 256);   // 127.1.x.1
    else
        ::inet_pton(AF_INET, address.c_str(), &source.sin_addr);
    return source;
}

}

Crowd::Crowd(std::size_t size, const sockaddr_in& farm, Manner manner)
    : farm_(farm), manner_(std::move(manner)), poller_(::epoll_create1(EPOLL_CLOEXEC)), members_(size),
      thread_([this] { run(); })
{
}

Crowd::~Crowd()
{
    stopping_ = true;
    thread_.join();
}

void Crowd::run()
{
    std::array<epoll_event, 256> events;
    auto next = std::chrono::steady_clock::now();
    while (!stopping_) {
        const auto count = ::epoll_wait(poller_.get(), events.data(), events.size(), 10);
        const auto now = std::chrono::steady_clock::now();
        for (int i = 0; i < count; ++i)
            onEvents(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events, now);
        if (now >= next) {
            tick(now);
            next = now + kTick;
        }
    }
}

void Crowd::tick(Instant now)
{
    std::size_t connects = 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        auto& member = members_[i];
        if (member.due > now)
            continue;
        if (!member.socket) {
            if (++connects <= kConnectsPerTick)
                connect(i, now);
        } else if (member.settled && manner_.pace > 0ms) {
            const auto piece = std::string_view(manner_.drip).substr(member.dripped % manner_.drip.size(), manner_.piece);
            ::send(member.socket.get(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            member.dripped += piece.size();
            member.due = now + manner_.pace;
        }
    }
}

void Crowd::connect(std::size_t index, Instant now)
{
    auto& member = members_[index];
    member = {};
    member.socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(member.socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (!manner_.reads)
        ::setsockopt(member.socket.get(), SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof kSmallBuffer);
    const auto source = sourceOf(index, manner_.source);
    const bool bound = ::bind(member.socket.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
    if (!bound || (::connect(member.socket.get(), reinterpret_cast<const sockaddr*>(&farm_), sizeof farm_) != 0 &&
                   errno != EINPROGRESS)) {
        ++refused_;
        member.socket.reset();
        member.due = now + kTryAgain;
        return;
    }
    watch(member, index, EPOLL_CTL_ADD, EPOLLOUT);
}

void Crowd::watch(const Member& member, std::size_t index, int operation, std::uint32_t events)
{
    epoll_event event{};
    event.events = events | EPOLLRDHUP;
    event.data.u64 = index;
    ::epoll_ctl(poller_.get(), operation, member.socket.get(), &event);
}

void Crowd::onEvents(std::size_t index, std::uint32_t events, Instant now)
{
    auto& member = members_[index];
    if (!member.socket)
        return;
    if (events & EPOLLOUT)
        sendFirst(member, index);
    if (events & EPOLLIN && manner_.reads) {
        std::array<char, 16384> bytes;
        const auto got = ::recv(member.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0 && manner_.read)
            manner_.read(index, {bytes.data(), static_cast<std::size_t>(got)});
        if (got > 0)
            return;
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        leave(member, now);
}

void Crowd::sendFirst(Member& member, std::size_t index)
{
    const auto rest = std::string_view(manner_.first).substr(member.sent);
    const auto sent = ::send(member.socket.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return;   // not yet, or an end that comes as an event
    member.sent += static_cast<std::size_t>(sent);
    if (member.sent < manner_.first.size())
        return;
    member.settled = true;
    member.due = std::chrono::steady_clock::now() + manner_.pace;
    ++held_;
    ++connections_;
    watch(member, index, EPOLL_CTL_MOD, manner_.reads ? EPOLLIN : 0u);
}

void Crowd::leave(Member& member, Instant now)
{
    held_ -= member.settled ? 1 : 0;
    member.settled ? ++ended_ : ++refused_;
    member.settled = false;
    member.socket.reset();
    member.due = manner_.comesBack ? now + kTryAgain : Instant::max();
}

}

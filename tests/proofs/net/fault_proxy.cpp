// SPDX-License-Identifier: MIT
#include "proofs/net/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace apbfarm::proofs {

using std::chrono::milliseconds;

namespace {

constexpr int kRound = 5;                     // ms
constexpr std::size_t kMostHeld = 1 << 20;    // bytes of one direction

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

}

FaultProxy::FaultProxy(NetFault fault, std::uint64_t seed, std::uint16_t target)
    : fault_(fault), random_(seed), target_(target)
{
    open();
    thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy()
{
    stopping_ = true;
    thread_.join();
}

/// The same port every time.
void FaultProxy::open()
{
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto address = loopback(port_);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), generic, sizeof address) != 0 || ::listen(listener_.get(), 128) != 0)
        throw std::system_error(errno, std::generic_category(), "fault proxy");
    socklen_t length = sizeof address;
    ::getsockname(listener_.get(), generic, &length);
    port_ = ntohs(address.sin_port);
}

void FaultProxy::run()
{
    while (!stopping_) {
        if (healing_.exchange(false))
            restore();
        turn(std::chrono::steady_clock::now());
        round();
        links_.remove_if([](const Link& link) { return link.gone; });
    }
}

/// Good and bad times take turns.
void FaultProxy::turn(Instant now)
{
    if (now < turn_)
        return;
    turn_ = now + milliseconds(random(80, 300));
    if (fault_ == NetFault::Refuse || fault_ == NetFault::Blackhole || fault_ == NetFault::Asymmetric)
        enter(!bad_);
}

void FaultProxy::enter(bool bad)
{
    bad_ = bad;
    upward_ = oneIn(2);
    faults_ += bad ? 1 : 0;
    if (fault_ == NetFault::Refuse) {
        bad ? listener_.reset() : open();
        for (auto& link : links_)
            reset(link);
    }
    if (bad && fault_ == NetFault::Blackhole)
        for (auto& link : links_)
            link.silent = true;
}

void FaultProxy::round()
{
    std::vector<pollfd> entries{{listener_.get(), POLLIN, 0}};   // ignored while it is closed: -1
    for (const auto& link : links_) {
        const auto unless = [](bool ended, const util::UniqueFd& socket) { return ended ? -1 : socket.get(); };
        const auto in = [](const std::string& held) { return short(held.size() > kMostHeld ? 0 : POLLIN); };
        entries.push_back({unless(link.clientEnded, link.client), in(link.up), 0});
        entries.push_back({unless(link.serverEnded, link.server), in(link.down), 0});
    }
    ::poll(entries.data(), entries.size(), kRound);
    std::size_t at = 1;
    for (auto& link : links_) {
        serve(link, entries[at].revents, entries[at + 1].revents);
        at += 2;
    }
    if (entries[0].revents)
        accept();
}

void FaultProxy::accept()
{
    for (;;) {
        Link link;
        link.client.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!link.client)
            return;
        ++connections_;
        link.server.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = loopback(target_);
        if (::connect(link.server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            reset(link);
            continue;
        }
        begin(link);
        links_.push_back(std::move(link));
    }
}

void FaultProxy::begin(Link& link)
{
    if (fault_ == NetFault::Blackhole && bad_)
        link.silent = true;
    if (fault_ == NetFault::HalfOpen && oneIn(3)) {
        link.life = static_cast<std::uint64_t>(random(1, 1500));
        ++faults_;
    }
    if (fault_ == NetFault::Slow) {
        link.rate = std::size_t{1} << random(0, 9);
        ++faults_;
    }
    if (fault_ == NetFault::Flap && oneIn(2)) {
        link.end = std::chrono::steady_clock::now() + milliseconds(random(1, 60));
        ++faults_;
    }
}

void FaultProxy::restore()
{
    for (auto& link : links_)
        reset(link);
    if (!listener_)
        open();
    bad_ = false;
    fault_ = NetFault::None;
}

}

// SPDX-License-Identifier: MIT
#include "http/connection.h"

#include "http/event_loop.h"
#include "http/protocol_errors.h"

#include <sys/epoll.h>
#include <sys/socket.h>

namespace apbfarm::http {

Connection::Connection(EventLoop& loop, util::UniqueFd socket, std::string peer, QuotaLease lease)
    : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)), lease_(std::move(lease))
{
}

void Connection::start()
{
    watch(EPOLLIN);
    dueIn(loop_.server().options.headerTimeout);
}

void Connection::turnAway(const std::exception& error)
{
    refuse(error);
    flush();
}

void Connection::onEvents(std::uint32_t events)
{
    constexpr std::uint32_t kGone = EPOLLHUP | EPOLLERR;
    if (phase_ == Phase::Closed)
        return;
    // Level-triggered: what came is still there when the worker is done.
    if (phase_ == Phase::Working)
        return unwatch();
    if (phase_ == Phase::Streaming && events & (kGone | EPOLLRDHUP))
        return close();
    if (events & EPOLLOUT)
        return flush();
    if (events & EPOLLIN)
        return onReadable();
    if (events & kGone)
        close();
}

void Connection::onDeadline()
{
    if (phase_ == Phase::Streaming)
        return streamTick();
    if (phase_ == Phase::Working || phase_ == Phase::Closed)
        return;
    if (!out_.empty() || file_.file || (phase_ != Phase::Head && phase_ != Phase::Body))
        return close();
    if (phase_ == Phase::Body)
        return checkBodyRate();
    refuse(timedOut("The request head did not come in time."));
    flush();
}

void Connection::onAnswered()
{
    phase_ = Phase::Idle;
    if (closeAfterWork_)
        return close();
    answer();
    flush();
}

void Connection::onTurn()
{
    if (unwatchable_)
        return close();
    if (phase_ == Phase::Streaming)
        pumpStream();
    else if (out_.empty() && canTakeRequest())
        continueInput();
}

void Connection::onStop()
{
    if (phase_ != Phase::Body && phase_ != Phase::Working && phase_ != Phase::Writing && out_.empty())
        close();
}

void Connection::close()
{
    if (phase_ == Phase::Closed)
        return;
    if (phase_ == Phase::Working) {
        closeAfterWork_ = true;
        unwatch();
        ::shutdown(socket_.get(), SHUT_RDWR);
        return;
    }
    leaveStream();
    if (exchange_)
        exchange_->dropBody(loop_.server());
    releaseExchange();
    phase_ = Phase::Closed;
    // A child process that is just being started may hold a copy of the socket: closing alone would leave it in epoll.
    unwatch();
    socket_.reset();
    file_ = {};
    lease_.release();
    loop_.wheel().clear(*this);
    loop_.forgetRoom(*this);
    loop_.retire(*this);
}

void Connection::giveUp() noexcept
{
    try {
        close();
    } catch (const std::exception&) {
        ::shutdown(socket_.get(), SHUT_RDWR);
    }
}

void Connection::watch(std::uint32_t events)
{
    if (registered_ && events_ == events)
        return;
    epoll_event event{};
    event.events = events;
    event.data.ptr = this;
    if (::epoll_ctl(loop_.poller(), registered_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket_.get(), &event) != 0) {
        unwatchable_ = true;
        return loop_.putOff(*this);
    }
    registered_ = true;
    events_ = events;
}

// A hang-up is reported even for an empty set of events, so the socket leaves epoll.
void Connection::unwatch()
{
    if (registered_)
        ::epoll_ctl(loop_.poller(), EPOLL_CTL_DEL, socket_.get(), nullptr);
    registered_ = false;
}

void Connection::dueIn(std::chrono::milliseconds time)
{
    loop_.wheel().set(*this, loop_.now() + time.count());
}

Exchange& Connection::exchange()
{
    if (!exchange_)
        exchange_ = loop_.takeExchange();
    return *exchange_;
}

void Connection::releaseExchange()
{
    if (exchange_)
        loop_.giveBack(std::move(exchange_));
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/connection.h"
#include "http/event_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace apbfarm::http {

namespace {

constexpr std::uint32_t kMaxRequests = 1000;         // per connection (H13)
constexpr std::uint64_t kFilePiece = 2 << 20;        // then others have their turn
constexpr std::size_t kSpareOutput = 256 << 10;
constexpr std::chrono::milliseconds kDrainTime{1000};

} // namespace

// Puts the exchange's answer behind what is on its way already.
void Connection::answer()
{
    auto& current = *exchange_;
    if (current.response.kind() == Response::Kind::None)
        throw std::bad_alloc();   // there was none for the smallest of all answers
    const bool streams = current.response.kind() == Response::Kind::Stream && !current.request.isHead() && openStream();
    const auto& head = current.request.head;
    closing_ = closing_ || !head.keepAlive || served_ >= kMaxRequests || loop_.isStopping() ||
               (streams && head.minorVersion == 0);
    if (out_.empty())
        out_.swap(loop_.spareOutput());
    current.response.write(out_, {loop_.date(), current.request.id, !closing_, head.minorVersion == 0,
                                  current.request.isHead(), current.forOtherSite});
    try {
        observe();
    } catch (const std::exception&) {
        // The answer is more than the line about it.
    }
    if (current.response.kind() == Response::Kind::File && !current.request.isHead() && current.response.length() > 0)
        file_ = std::move(current.response.opened());
    if (streams)
        return startStream();
    releaseExchange();
    phase_ = closing_ || file_.file ? Phase::Writing : Phase::Idle;
}

void Connection::observe() const
{
    const auto& server = loop_.server();
    if (!server.observe)
        return;
    const auto& request = exchange_->request;
    RequestRecord record;
    record.method = request.head.method;
    record.target = request.head.target;
    record.requestId = request.id;
    record.clientAddress = request.address.empty() ? peer_ : request.address;
    if (request.caller)
        record.user = request.caller->username;
    record.route = request.match.route;
    record.status = exchange_->response.status();
    record.bytes = request.isHead() ? 0 : exchange_->response.length();
    record.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                            exchange_->started);
    server.observe(record);
}

void Connection::flush()
{
    if (phase_ == Phase::Closed)
        return;
    if (phase_ == Phase::Streaming)
        return pumpStream();
    if (flushText() && flushFile())
        answerIsOut();
}

/// False when it is blocked or the connection is gone.
bool Connection::flushText()
{
    while (outSent_ < out_.size()) {
        const int flags = MSG_NOSIGNAL | (file_.file ? MSG_MORE : 0);
        const auto sent = ::send(socket_.get(), out_.data() + outSent_, out_.size() - outSent_, flags);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            errno == EAGAIN ? waitForRoom() : close();
            return false;
        }
        outSent_ += static_cast<std::size_t>(sent);
    }
    outSent_ = 0;
    out_.clear();
    if (loop_.spareOutput().capacity() < out_.capacity() && out_.capacity() <= kSpareOutput)
        out_.swap(loop_.spareOutput());
    if (out_.capacity() > sizeof(std::string))
        std::string().swap(out_);
    return true;
}

bool Connection::flushFile()
{
    if (!file_.file)
        return true;
    if (!corked_ && file_.end - file_.at > kFilePiece)
        cork(true);
    auto at = static_cast<off_t>(file_.at);
    const auto piece = std::min(file_.end - file_.at, kFilePiece);
    const auto sent = ::sendfile(socket_.get(), file_.file.get(), &at, piece);
    // A file that has shrunk cannot be told from a whole one but by the connection's end.
    if (sent == 0 || (sent < 0 && errno != EAGAIN && errno != EINTR)) {
        close();
        return false;
    }
    file_.at = static_cast<std::uint64_t>(at);
    if (file_.at < file_.end) {
        waitForRoom();
        return false;
    }
    if (corked_)
        cork(false);
    file_ = {};
    return true;
}

/// The kernel then sends whole segments only, also between two pieces of a file: two fifths faster on loopback.
void Connection::cork(bool on)
{
    const int value = on;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
    corked_ = on;
}

void Connection::waitForRoom()
{
    if (phase_ != Phase::Working)
        watch(phase_ == Phase::Streaming ? EPOLLOUT | EPOLLRDHUP : EPOLLOUT);
    if (phase_ != Phase::Streaming && phase_ != Phase::Working)
        dueIn(loop_.server().options.writeTimeout);
}

void Connection::answerIsOut()
{
    if (phase_ == Phase::Working)
        return;
    if (phase_ == Phase::Writing && closing_)
        return beginDraining();
    const bool wasBlocked = registered_ && events_ != EPOLLIN;
    watch(EPOLLIN);
    if (phase_ == Phase::Writing)
        phase_ = Phase::Idle;
    if (phase_ == Phase::Idle)
        dueIn(loop_.server().options.idleTimeout);
    else if (wasBlocked)
        dueIn(phase_ == Phase::Body ? loop_.server().options.bodyGrace : loop_.server().options.headerTimeout);
    if (!in_.empty() && phase_ == Phase::Idle)
        loop_.putOff(*this);
}

// Closing with unread bytes would make the kernel reset the connection, and the client would lose the answer (H12).
void Connection::beginDraining()
{
    ::shutdown(socket_.get(), SHUT_WR);
    phase_ = Phase::Draining;
    in_.clear();
    in_.shrink_to_fit();
    watch(EPOLLIN);
    dueIn(kDrainTime);
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/connection.h"
#include "http/event_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace apbfarm::http {

namespace {

constexpr int kBlocksPerTurn = 4;                          // then others have their turn
constexpr std::chrono::milliseconds kWelcomeCheck{900};    // a revoked token ends its streams within a second (H25)

} // namespace

/// Makes the viewer. False: the stream cannot be had, and the exchange holds the refusal.
bool Connection::openStream()
{
    auto& server = loop_.server();
    auto& request = exchange_->request;
    try {
        auto key = server.quotaKey(request.address);
        if (server.streams.take(key) != Quota::Verdict::Granted)
            throw TooMany("Too many event streams are open.", std::chrono::seconds(10), "too_many_streams");
        auto viewer = std::make_unique<Viewer>();
        viewer->lease = QuotaLease(server.streams, std::move(key));
        viewer->position = exchange_->response.position();
        viewer->chunked = request.head.minorVersion == 1;
        if (const auto access = request.match.route->access; access != Access::Guest)
            viewer->credentials = std::make_unique<Viewer::Credentials>(
                Viewer::Credentials{std::string(request.head.authorization), std::string(request.head.cookie),
                                    request.address, access});
        viewer->group = &loop_.hub().join(exchange_->response.takeSource());
        viewer_ = std::move(viewer);
        return true;
    } catch (const std::exception& error) {
        exchange_->fail(server, error);
        return false;
    }
}

void Connection::startStream()
{
    releaseExchange();
    phase_ = Phase::Streaming;
    viewer_->stalledAt = viewer_->identifiedAt = loop_.now();
    viewer_->heartbeatDue = loop_.now() + loop_.server().options.heartbeat.count();
    const auto& options = loop_.server().options;
    dueIn(std::min({kWelcomeCheck, options.heartbeat, options.writeTimeout}));
}

void Connection::pumpStream()
{
    try {
        for (int blocks = 0; blocks < kBlocksPerTurn; ++blocks) {
            if (!viewer_->isBusy() && !nextBlock()) {
                if (!flushText())
                    return;
                if (viewer_->parkedAt == Viewer::kNotParked)
                    loop_.hub().park(*this, *viewer_);
                return watch(EPOLLRDHUP);
            }
            if (!sendBlock())
                return;
            if (std::exchange(viewer_->block, {}).last)
                return endStream();
        }
    } catch (const std::exception&) {
        return close(); // the source is gone; the client comes back to its place with Last-Event-ID
    }
    loop_.putOff(*this);
}

/// False when there is nothing yet.
bool Connection::nextBlock()
{
    auto& viewer = *viewer_;
    for (;;) {
        auto block = viewer.group->at(viewer.position);
        if (!block.bytes && !block.last)
            return false;
        if (!block.bytes)
            block.bytes = std::make_shared<const std::string>();
        // An empty chunk would end the body.
        if (!block.bytes->empty() || block.last) {
            loop_.hub().unpark(viewer);
            viewer.load(std::move(block));
            return true;
        }
        if (block.next == viewer.position)
            return false;
        viewer.position = block.next;
    }
}

/// The head of the answer, when it has not left yet, and the block in one call. False: blocked or closed.
bool Connection::sendBlock()
{
    auto& viewer = *viewer_;
    for (;;) {
        std::array<iovec, 4> pieces{};
        const auto text = out_.size() - outSent_;
        pieces[0] = {out_.data() + outSent_, text};
        msghdr message{};
        message.msg_iov = text > 0 ? pieces.data() : pieces.data() + 1;
        message.msg_iovlen = static_cast<std::size_t>(viewer.gather(&pieces[1]) + (text > 0 ? 1 : 0));
        if (message.msg_iovlen == 0)
            break;
        const auto sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            errno == EAGAIN ? waitForRoom() : close();
            return false;
        }
        const auto ofText = std::min(text, static_cast<std::size_t>(sent));
        outSent_ += ofText;
        viewer.sent += static_cast<std::size_t>(sent) - ofText;
        viewer.stalledAt = loop_.now();
    }
    viewer.position = viewer.block.next;
    viewer.heartbeatDue = loop_.now() + loop_.server().options.heartbeat.count();
    return flushText();
}

void Connection::streamTick()
{
    const auto& options = loop_.server().options;
    auto& viewer = *viewer_;
    if (!isStillWelcome())
        return close();
    if (viewer.isBusy() && loop_.now() - viewer.stalledAt >= options.writeTimeout.count())
        return close();
    dueIn(std::min({kWelcomeCheck, options.heartbeat, options.writeTimeout}));
    if (viewer.isBusy() || loop_.now() < viewer.heartbeatDue)
        return;
    loop_.hub().unpark(viewer);
    viewer.load({heartbeatBytes(), viewer.position, false});
    pumpStream();
}

bool Connection::isStillWelcome()
{
    const auto* credentials = viewer_->credentials.get();
    if (!credentials || loop_.now() - viewer_->identifiedAt < kWelcomeCheck.count())
        return true;
    viewer_->identifiedAt = loop_.now();
    try {
        const auto caller = loop_.server().gatekeeper.identify(credentials->authorization, credentials->cookie,
                                                               credentials->address);
        return caller && (credentials->access != Access::Admin || caller->role == Role::Admin);
    } catch (const std::exception&) {
        return true; // a passing trouble revokes nothing
    }
}

void Connection::endStream()
{
    leaveStream();
    phase_ = Phase::Writing;
    answerIsOut();
}

void Connection::leaveStream()
{
    if (!viewer_)
        return;
    loop_.hub().unpark(*viewer_);
    loop_.hub().leave(*viewer_->group);
    viewer_.reset();
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/connection.h"
#include "http/event_loop.h"
#include "http/protocol_errors.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace apbfarm::http {

namespace {

constexpr int kPipelined = 16;                // requests answered before others have their turn (H21)
constexpr std::size_t kHeadRead = 64 << 10;
constexpr std::size_t kMaxDrained = 64 << 10;

} // namespace

void Connection::onReadable()
{
    if (phase_ == Phase::Body && !exchange_->body->hasRoom())
        return waitForBodyRoom();
    const auto buffer = loop_.receiveBuffer();
    const auto room = phase_ == Phase::Body ? exchange_->body->place(buffer) : buffer.first(kHeadRead);
    const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (got <= 0) {
        // The end of the input in the middle of a request: nothing of it counts (H11).
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            close();
        return;
    }
    const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
    if (phase_ == Phase::Draining)
        return drain(bytes.size());
    if (!in_.empty()) {
        in_.append(bytes);
        return continueInput();
    }
    takeInput(bytes);
}

// The client waits with us, and its time does not run.
void Connection::waitForBodyRoom()
{
    unwatch();
    loop_.wheel().clear(*this);
    loop_.awaitRoom(*this);
    exchange_->body->whenRoom([mailbox = loop_.sharedMailbox()] { mailbox->roomMade(); });
}

void Connection::onRoom()
{
    watch(EPOLLIN);
    bodyMark_ = exchange_->body->received();
    dueIn(loop_.server().options.bodyGrace);
    onReadable();
}

void Connection::drain(std::size_t bytes)
{
    drained_ += static_cast<std::uint32_t>(bytes);
    if (drained_ > kMaxDrained)
        close();
}

void Connection::continueInput()
{
    std::string pending;
    pending.swap(in_);
    takeInput(pending);
}

// All answers that can be given at once leave in one send. What cannot be used yet is kept.
void Connection::takeInput(std::string_view bytes)
{
    int requests = 0;
    while (!bytes.empty() && canTakeRequest()) {
        if (phase_ != Phase::Body && requests++ == kPipelined)
            break;
        const auto used = phase_ == Phase::Body ? takeBody(bytes) : takeHead(bytes);
        bytes.remove_prefix(used);
        if (used == 0)
            break;
    }
    unread_ = unread_ || (closing_ && !bytes.empty());
    if (!closing_)
        in_.assign(bytes);
    if (requests > kPipelined)
        loop_.putOff(*this);
    flush();
}

std::size_t Connection::takeHead(std::string_view bytes)
{
    try {
        if (const auto end = findHeadEnd(bytes, scanned_)) {
            scanned_ = 0;
            startRequest(bytes.substr(0, end), bytes.size() > end);
            return end;
        }
    } catch (const ProtocolError& error) {
        refuse(error);
        return bytes.size();
    }
    // A new connection's time for its first head runs since it was accepted.
    if (phase_ == Phase::Idle && served_ > 0)
        dueIn(loop_.server().options.headerTimeout);
    phase_ = Phase::Head;
    return 0;
}

void Connection::startRequest(std::string_view head, bool moreFollows)
{
    auto& current = exchange();
    auto& request = current.request;
    phase_ = Phase::Head;
    ++served_;
    try {
        parseRequestHead(head, request.head);
        current.admit(loop_.server(), peer_);
        current.expectBody(loop_.server());
    } catch (const ProtocolError& error) {
        return refuse(error);
    } catch (const std::exception& error) {
        if (request.head.hasBody())
            return refuse(error);
        current.fail(loop_.server(), error);
        return answer();
    }
    if (current.body->isComplete())
        return runHandler(head);
    request.own(head);
    if (request.head.expect.data() && request.head.minorVersion == 1 && !moreFollows)
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    phase_ = Phase::Body;
    bodyStarted_ = loop_.now();
    bodyMark_ = 0;
    dueIn(loop_.server().options.bodyGrace);
}

std::size_t Connection::takeBody(std::string_view bytes)
{
    try {
        const auto used = exchange_->body->feed(bytes);
        if (!exchange_->body->isComplete())
            return used;
        exchange_->request.content = exchange_->body->finish();
        runHandler({});
        return used;
    } catch (const std::exception& error) {
        refuse(error);
        return bytes.size();
    }
}

/// `head`: still to be copied when the handler runs elsewhere; empty when that was done.
void Connection::runHandler(std::string_view head)
{
    auto& current = *exchange_;
    auto& server = loop_.server();
    loop_.countRequest();
    current.spooling.release();
    if (current.response.kind() != Response::Kind::None)
        return answer();
    if (current.request.match.route->runsOn == RunsOn::Loop) {
        current.handle(server);
        return answer();
    }
    if (!head.empty())
        current.request.own(head);
    phase_ = Phase::Working;
    loop_.wheel().clear(*this);
    const bool accepted = server.pool.submit([this] {
        exchange_->handle(loop_.server());
        // Freed here and after the answer: a large file's pages take their time.
        const auto used = std::exchange(exchange_->request.content, {});
        loop_.mailbox().answered(*this);
    });
    if (accepted)
        return;
    phase_ = Phase::Head;
    loop_.countRefusal();
    current.fail(server, Unavailable("The farm is busy.", "server_busy", std::chrono::seconds(2)));
    answer();
}

/// Answers an error that ends the connection: what follows on it cannot be trusted to be a request (H12).
void Connection::refuse(const std::exception& error)
{
    auto& current = exchange();
    current.dropBody(loop_.server());
    current.fail(loop_.server(), error);
    loop_.countRefusal();
    closing_ = true;
    unread_ = true;
    answer();
}

// At least 1 KiB/s over each stretch of the length of the grace (H13).
void Connection::checkBodyRate()
{
    const auto& options = loop_.server().options;
    const auto received = exchange_->body->received();
    const auto wanted = static_cast<std::uint64_t>(options.bodyGrace.count()) * 1024 / 1000;
    if (received - bodyMark_ >= wanted && loop_.now() - bodyStarted_ < options.bodyTimeout.count()) {
        bodyMark_ = received;
        return dueIn(options.bodyGrace);
    }
    refuse(timedOut("The request body did not come in time."));
    flush();
}

} // namespace apbfarm::http

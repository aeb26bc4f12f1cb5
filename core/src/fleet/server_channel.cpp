// SPDX-License-Identifier: MIT
#include "fleet/server_channel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace apbfarm::fleet {

namespace {

std::string systemError(int code)
{
    return std::generic_category().message(code);
}

bool isTryAgain(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

} // namespace

ServerChannel::ServerChannel(const std::vector<Poco::Net::SocketAddress>& addresses, const ServerUrl& url,
                             SSL_CTX* tls, Instant until, const AbortSignal& abort)
    : abort_(abort)
{
    for (std::size_t i = 0; i < addresses.size() && !socket_; ++i) {
        const auto now = std::chrono::steady_clock::now();
        const bool last = i + 1 == addresses.size();
        try {
            connect(addresses[i], last ? until : now + (until - now) / static_cast<int>(addresses.size() - i));
        } catch (const ExchangeBroken& broken) {
            socket_.reset();
            if (last || broken.kind() == Break::Aborted)
                throw;
        }
    }
    if (tls) {
        tls_ = makeTlsSession(*tls, socket_.get(), url.host);
        handshake(until);
    }
}

void ServerChannel::connect(const Poco::Net::SocketAddress& address, Instant until)
{
    socket_.reset(::socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_)
        throw ExchangeBroken(Break::Unreachable, systemError(errno));
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int error = ::connect(socket_.get(), address.addr(), address.length()) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        waitFor(socket_.get(), POLLOUT, until, abort_);
        socklen_t length = sizeof error;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (error != 0)
        throw ExchangeBroken(Break::Unreachable, systemError(error));
}

short ServerChannel::wantedEvents(int result) const
{
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ: return POLLIN;
    case SSL_ERROR_WANT_WRITE: return POLLOUT;
    default: return 0;
    }
}

void ServerChannel::handshake(Instant until)
{
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(tls_.get());
        if (result == 1)
            return;
        const auto events = wantedEvents(result);
        if (events == 0)
            throw ExchangeBroken(Break::Unreachable, tlsError(tls_.get()));
        waitFor(socket_.get(), events, until, abort_);
    }
}

std::size_t ServerChannel::read(std::span<char> into, Instant until)
{
    for (;;) {
        short events = POLLIN;
        if (tls_) {
            ERR_clear_error();
            const int got = SSL_read(tls_.get(), into.data(), static_cast<int>(std::min(into.size(), std::size_t{1} << 20)));
            if (got > 0)
                return static_cast<std::size_t>(got);
            if (SSL_get_error(tls_.get(), got) == SSL_ERROR_ZERO_RETURN)
                return 0;
            events = wantedEvents(got);
            if (events == 0)
                throw ExchangeBroken(Break::Closed, tlsError(tls_.get()));
        } else {
            const auto got = ::recv(socket_.get(), into.data(), into.size(), 0);
            if (got >= 0)
                return static_cast<std::size_t>(got);
            if (!isTryAgain(errno))
                throw ExchangeBroken(Break::Closed, systemError(errno));
        }
        waitFor(socket_.get(), events, until, abort_);
    }
}

void ServerChannel::dropUnsentOnClose(bool drop)
{
    const linger atOnce{.l_onoff = drop, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
}

bool ServerChannel::hasInput()
{
    char byte;
    if (tls_) {
        // Session tickets arrive unasked; peeking swallows them.
        ERR_clear_error();
        const int got = SSL_peek(tls_.get(), &byte, 1);
        return got > 0 || wantedEvents(got) == 0;
    }
    const auto got = ::recv(socket_.get(), &byte, 1, MSG_PEEK);
    return got >= 0 || !isTryAgain(errno);
}

ServerChannel::Ready ServerChannel::waitToSend(Instant until)
{
    for (;;) {
        const short wanted = sendEvents_ != 0 ? sendEvents_ : POLLOUT;
        const auto events = waitFor(socket_.get(), static_cast<short>(wanted | POLLIN), until, abort_);
        if ((events & ~POLLOUT) != 0 && hasInput())
            return Ready::AnswerWaiting;
        if ((events & wanted) != 0) {
            sendEvents_ = 0;
            return Ready::ToSend;
        }
    }
}

std::optional<std::size_t> ServerChannel::sendSome(std::string_view bytes)
{
    if (tls_) {
        ERR_clear_error();
        const int taken = SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), std::size_t{1} << 20)));
        if (taken > 0) {
            sent_ += static_cast<std::size_t>(taken);
            return static_cast<std::size_t>(taken);
        }
        // A record may be partly out already: it counts as sent.
        sent_ = std::max<std::uint64_t>(sent_, 1);
        sendEvents_ = wantedEvents(taken);
        return sendEvents_ != 0 ? std::optional<std::size_t>(0) : std::nullopt;
    }
    const auto taken = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (taken < 0 && isTryAgain(errno))
        return 0;
    // The server has not hung up: it would be waited for, with an answer that never comes.
    if (taken < 0 && errno != EPIPE && errno != ECONNRESET)
        throw ExchangeBroken(Break::Closed, "the request cannot be sent: " + systemError(errno));
    if (taken < 0)
        return std::nullopt;
    sent_ += static_cast<std::size_t>(taken);
    return static_cast<std::size_t>(taken);
}

std::optional<std::size_t> ServerChannel::sendSomeOfFile(int file, std::uint64_t offset, std::uint64_t count)
{
    auto position = static_cast<off_t>(offset);
    const auto taken = ::sendfile(socket_.get(), file, &position, std::min<std::uint64_t>(count, 2 << 20));
    if (taken < 0 && isTryAgain(errno))
        return 0;
    // The server has not hung up: it would be waited for, with an answer that never comes.
    if (taken < 0 && errno != EPIPE && errno != ECONNRESET)
        throw ExchangeBroken(Break::Closed, "the payload cannot be sent: " + systemError(errno));
    if (taken < 0)
        return std::nullopt;
    if (taken == 0)
        throw ExchangeBroken(Break::Closed, "the payload became shorter while it was sent");
    sent_ += static_cast<std::size_t>(taken);
    return static_cast<std::size_t>(taken);
}

} // namespace apbfarm::fleet

// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_address.h"
#include "fleet/server_tls.h"
#include "fleet/server_wait.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace apbfarm::fleet {

/// One connection to a build server, plain or TLS, on which no wait is endless. Throws `ExchangeBroken`.
class ServerChannel {
public:
    /// Tries the addresses in turn. With `tls` the certificate must be one for `url.host`.
    ServerChannel(const std::vector<Poco::Net::SocketAddress>& addresses, const ServerUrl& url, SSL_CTX* tls,
                  Instant until, const AbortSignal& abort);

    /// Waits for bytes. 0: the server has closed properly.
    std::size_t read(std::span<char> into, Instant until);

    enum class Ready { ToSend, AnswerWaiting };
    /// Until it can take bytes, or the server has said something or closed: then sending more is pointless.
    Ready waitToSend(Instant until);

    /// Hands over what fits right now; after `waitToSend`. Empty: the server takes no more.
    std::optional<std::size_t> sendSome(std::string_view bytes);
    /// The same from a file, without copying; not for TLS. A file that ends early throws.
    std::optional<std::size_t> sendSomeOfFile(int file, std::uint64_t offset, std::uint64_t count);

    /// Whether what was sent and not yet received is dropped when the connection is closed, however that comes about.
    void dropUnsentOnClose(bool drop);
    /// Whether bytes or the end of the connection can be read without waiting.
    bool hasInput();
    bool isSecure() const { return tls_ != nullptr; }
    /// Bytes of requests that have left, TLS handshake not counted.
    std::uint64_t sent() const { return sent_; }

private:
    void connect(const Poco::Net::SocketAddress& address, Instant until);
    void handshake(Instant until);
    short wantedEvents(int result) const;

    const AbortSignal& abort_;
    util::UniqueFd socket_;
    TlsSession tls_;             // after the socket: gone before it
    short sendEvents_ = 0;       // what TLS waits for before it can send
    std::uint64_t sent_ = 0;
};

} // namespace apbfarm::fleet

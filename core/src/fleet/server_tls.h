// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace apbfarm::fleet {

struct TlsDeleter {
    void operator()(SSL_CTX* context) const;
    void operator()(SSL* session) const;
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsDeleter>;
using TlsSession = std::unique_ptr<SSL, TlsDeleter>;

/// TLS 1.2 or newer; the chain is always verified, against `caFile` or, when empty, the system's authorities.
/// Throws `ExchangeBroken`.
TlsContext makeTlsContext(const std::string& caFile);

/// A client session on a connected socket that accepts a certificate for `host` (a name or an address) only.
TlsSession makeTlsSession(SSL_CTX& context, int socket, const std::string& host);

/// One line on why the last TLS call failed; empties OpenSSL's queue of errors.
std::string tlsError(const SSL* session);

} // namespace apbfarm::fleet

// SPDX-License-Identifier: MIT
#include "fleet/server_tls.h"

#include "fleet/server_wait.h"

#include <Poco/Net/IPAddress.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace apbfarm::fleet {

void TlsDeleter::operator()(SSL_CTX* context) const
{
    SSL_CTX_free(context);
}

void TlsDeleter::operator()(SSL* session) const
{
    SSL_free(session);
}

TlsContext makeTlsContext(const std::string& caFile)
{
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    if (!context)
        throw ExchangeBroken(Break::Unreachable, tlsError(nullptr));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    const bool loaded = caFile.empty()
                            ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                            : SSL_CTX_load_verify_locations(context.get(), caFile.c_str(), nullptr) == 1;
    if (!loaded)
        throw ExchangeBroken(Break::Unreachable, "the certificate authorities cannot be read: " + tlsError(nullptr));
    return context;
}

TlsSession makeTlsSession(SSL_CTX& context, int socket, const std::string& host)
{
    TlsSession session(SSL_new(&context));
    if (!session || SSL_set_fd(session.get(), socket) != 1)
        throw ExchangeBroken(Break::Unreachable, tlsError(nullptr));
    Poco::Net::IPAddress literal;
    bool named = false;
    if (Poco::Net::IPAddress::tryParse(host, literal)) {
        named = X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session.get()), static_cast<const unsigned char*>(literal.addr()),
                                          static_cast<std::size_t>(literal.length())) == 1;
    } else {
        SSL_set_hostflags(session.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        named = SSL_set1_host(session.get(), host.c_str()) == 1 &&
                SSL_set_tlsext_host_name(session.get(), host.c_str()) == 1;
    }
    if (!named)
        throw ExchangeBroken(Break::Unreachable, "'" + host + "' cannot be checked against a certificate");
    SSL_set_connect_state(session.get());
    return session;
}

std::string tlsError(const SSL* session)
{
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    if (session)
        if (const auto verdict = SSL_get_verify_result(session); verdict != X509_V_OK)
            return std::string("TLS: ") + X509_verify_cert_error_string(verdict);
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    return std::string("TLS: ") + (reason ? reason : "the connection was closed");
}

} // namespace apbfarm::fleet

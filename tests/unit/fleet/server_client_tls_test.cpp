// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"

#include "support/fake_build_server.h"
#include "support/temp_dir.h"
#include "util/secrets.h"
#include "util/unique_fd.h"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdio>
#include <fstream>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::fleet;
using apbfarm::test::FakeBuildServer;
using apbfarm::util::UniqueFd;

namespace {

const BuildId kBuild = "bdf6a18a-6ae5-4cfa-bff8-dfe49883e816";

template <auto free> struct Freed {
    template <class T> void operator()(T* thing) const { free(thing); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

/// Self-signed, for the given alternative names, such as "DNS:localhost,IP:127.0.0.1".
Certificate certify(EVP_PKEY* key, const char* names)
{
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    auto* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    for (const auto& [kind, text] : {std::pair{NID_subject_alt_name, names}, {NID_basic_constraints, "critical,CA:TRUE"}}) {
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text);
        X509_add_ext(certificate.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

void writeAll(SSL* session, const char* bytes, int count)
{
    for (int taken = 0; count > 0; bytes += taken, count -= taken)
        if ((taken = SSL_write(session, bytes, count)) <= 0)
            return;
}

/// What a reverse proxy in front of a build server does: TLS outside, plain inside, one connection at a time.
class TlsFront {
public:
    TlsFront(const char* names, std::uint16_t inner) : inner_(inner), context_(SSL_CTX_new(TLS_server_method()))
    {
        const Key key(EVP_EC_gen("P-256"));
        const auto certificate = certify(key.get(), names);
        SSL_CTX_use_certificate(context_, certificate.get());
        SSL_CTX_use_PrivateKey(context_, key.get());
        caFile_ = (folder_ / "ca.pem").string();
        auto* file = std::fopen(caFile_.c_str(), "w");
        PEM_write_X509(file, certificate.get());
        std::fclose(file);
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        auto address = loopback(0);
        ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(listener_.get(), 16);
        socklen_t length = sizeof address;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~TlsFront()
    {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
        SSL_CTX_free(context_);
    }
    std::string url(const std::string& host) const { return "https://" + host + ':' + std::to_string(port_); }
    ClientOptions trusting() const
    {
        ClientOptions options;
        options.caFile = caFile_;
        return options;
    }
    SSL_CTX* context() { return context_; }

private:
    static sockaddr_in loopback(std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }
    void run()
    {
        for (;;) {
            const UniqueFd outside(::accept(listener_.get(), nullptr, nullptr));
            if (!outside)
                return;
            auto* session = SSL_new(context_);
            SSL_set_fd(session, outside.get());
            if (SSL_accept(session) == 1)
                pump(session, outside.get());
            SSL_free(session);
        }
    }
    void pump(SSL* session, int outside)
    {
        const UniqueFd inside(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = loopback(inner_);
        if (::connect(inside.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return;
        char bytes[16384];
        for (;;) {
            pollfd entries[] = {{outside, POLLIN, 0}, {inside.get(), POLLIN, 0}};
            if (SSL_pending(session) == 0)
                ::poll(entries, 2, -1);
            if (entries[0].revents || SSL_pending(session) > 0) {
                const int got = SSL_read(session, bytes, sizeof bytes);
                if (got <= 0 || ::send(inside.get(), bytes, static_cast<std::size_t>(got), MSG_NOSIGNAL) < 0)
                    return;
            }
            if (entries[1].revents) {
                const auto got = ::recv(inside.get(), bytes, sizeof bytes, 0);
                if (got <= 0)
                    return;
                writeAll(session, bytes, static_cast<int>(got));
            }
        }
    }

    test::TempDir folder_;
    std::uint16_t inner_;
    std::uint16_t port_ = 0;
    SSL_CTX* context_;
    std::string caFile_;
    UniqueFd listener_;
    std::thread thread_;
};

std::uint16_t portOf(const FakeBuildServer& server)
{
    return static_cast<std::uint16_t>(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
}

void refuses(ServerClient& client, const std::string& reason)
{
    const auto answer = client.info();
    BOOST_REQUIRE(std::holds_alternative<CallError>(answer));
    BOOST_TEST((std::get<CallError>(answer).failure == Failure::NotSent));
    BOOST_TEST(std::get<CallError>(answer).text.find(reason) != std::string::npos, std::get<CallError>(answer).text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerClientTls)

BOOST_AUTO_TEST_CASE(calls_a_server_whose_certificate_is_trusted)
{
    FakeBuildServer server;
    TlsFront front("DNS:localhost,IP:127.0.0.1", portOf(server));
    for (const std::string host : {"localhost", "127.0.0.1"}) {
        ServerClient client(front.url(host), front.trusting());
        BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())), host);
        BOOST_TEST((std::holds_alternative<ServerInfo>(client.info())), host);
    }
    BOOST_TEST(server.requestsWithHeaders().at(1).indexOnConnection == 1);
}

BOOST_AUTO_TEST_CASE(submits_files_and_downloads_over_tls)
{
    FakeBuildServer server;
    TlsFront front("IP:127.0.0.1", portOf(server));
    const test::TempDir folder;
    const auto bytes = util::randomBytes(3'000'000);
    std::ofstream(folder / "payload", std::ios::binary) << bytes;
    Payload payload{{}, UniqueFd(::open((folder / "payload").c_str(), O_RDONLY | O_CLOEXEC)), bytes.size()};
    ServerClient client(front.url("127.0.0.1"), front.trusting());
    BOOST_TEST((client.submit({kBuild}, payload).verdict == Verdict::Accepted));
    BOOST_TEST(server.submissions().at(0).payloadDigest == util::sha256Hex(bytes));
    server.finish(kBuild, BuildStatus::Completed, {{"a.pkg.tar.zst", bytes}});
    std::string downloaded;
    const auto done = client.download(kBuild, "a.pkg.tar.zst", [&](std::string_view piece) { downloaded += piece; });
    BOOST_TEST((std::holds_alternative<FileDone>(done)));
    BOOST_TEST((downloaded == bytes));
}

BOOST_AUTO_TEST_CASE(refuses_unknown_authorities_and_other_names)
{
    FakeBuildServer server;
    TlsFront named("DNS:elsewhere.example.org", portOf(server));
    ServerClient unknown(named.url("localhost"), {});
    refuses(unknown, "self-signed");
    ServerClient wrongName(named.url("localhost"), named.trusting());
    refuses(wrongName, "hostname mismatch");
    ServerClient wrongAddress(named.url("127.0.0.1"), named.trusting());
    refuses(wrongAddress, "IP address mismatch");
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(refuses_old_versions_of_the_protocol)
{
    FakeBuildServer server;
    TlsFront front("IP:127.0.0.1", portOf(server));
    SSL_CTX_set_security_level(front.context(), 0);
    SSL_CTX_set_max_proto_version(front.context(), TLS1_1_VERSION);
    ServerClient client(front.url("127.0.0.1"), front.trusting());
    refuses(client, "version");
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_not_sent_anything)
{
    FakeBuildServer server;
    ServerClient client("https" + server.url().substr(4), [] {
        ClientOptions options;
        options.connectTimeout = std::chrono::milliseconds(300);
        return options;
    }());
    refuses(client, "");
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: MIT
#include "hook_client.h"

#include "../shared/connect.h"
#include "../shared/watchdog.h"
#include "address_rules.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <array>
#include <memory>

namespace webhook {

using Poco::Net::Context;
using Poco::Net::IPAddress;

namespace {

constexpr int kMostHeaders = 100;
constexpr std::size_t kBodyPassedOver = 4096;

std::vector<IPAddress> addressesOf(const std::string& host)
{
    try {
        return shared::addressesOf(host);
    } catch (const Poco::Exception&) {
        throw HookError(HookTrouble::NoHost);
    }
}

Poco::Net::StreamSocket connectTo(const HookUrl& url, bool allowPrivate, shared::Deadline deadline)
{
    auto addresses = addressesOf(url.host);
    std::erase_if(addresses, [&](const IPAddress& address) { return !mayContact(address, allowPrivate); });
    if (addresses.empty())
        throw HookError(HookTrouble::AddressNotAllowed);
    try {
        auto socket = shared::connectTo(addresses, url.port, deadline);
        socket.setReceiveTimeout(shared::timeLeft(deadline));
        socket.setSendTimeout(shared::timeLeft(deadline));
        return socket;
    } catch (const Poco::Exception&) {
        throw HookError(HookTrouble::NoConnection);
    }
}

Context::Ptr verifyingContext(const HookOptions& options)
{
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, "", "", options.caFile, Context::VERIFY_STRICT, 9,
                                       options.caFile.empty());
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
}

void passOver(std::istream& body)
{
    std::array<char, kBodyPassedOver> bytes;
    try {
        body.read(bytes.data(), bytes.size());
    } catch (const Poco::Exception&) {   // the status has said it all
    }
}

HookAnswer converse(const HookUrl& url, const HookRequest& request, const HookOptions& options,
                    Poco::Net::StreamSocket socket, const shared::Watchdog& watchdog)
{
    if (url.secure)
        socket = Poco::Net::SecureStreamSocket::attach(socket, url.host, verifyingContext(options));
    Poco::Net::HTTPClientSession session(socket);
    Poco::Net::HTTPRequest head(request.method, request.path, Poco::Net::HTTPMessage::HTTP_1_1);
    head.set("Host", url.authority);
    head.setKeepAlive(false);
    head.setContentLength(static_cast<std::streamsize>(request.body.size()));
    for (const auto& [name, value] : request.headers)
        head.set(name, value);
    session.sendRequest(head) << request.body << std::flush;

    Poco::Net::HTTPResponse response;
    response.setFieldLimit(kMostHeaders);
    auto& body = session.receiveResponse(response);
    // The end of a connection passes for the end of a head.
    if (watchdog.hasCut())
        throw HookError(HookTrouble::TooSlow);
    HookAnswer answer{static_cast<int>(response.getStatus()), {}};
    unsigned seconds = 0;
    if (Poco::NumberParser::tryParseUnsigned(response.get("Retry-After", ""), seconds))
        answer.retryAfter = std::chrono::seconds(seconds);
    passOver(body);
    return answer;
}

} // namespace

HookAnswer sendHook(const HookUrl& url, const HookRequest& request, const HookOptions& options,
                    std::chrono::steady_clock::duration atMost)
{
    const auto deadline = std::chrono::steady_clock::now() + atMost;
    std::unique_ptr<shared::Watchdog> watchdog;
    const auto unlessLate = [&](HookTrouble trouble) {
        const bool late = (watchdog && watchdog->hasCut()) || std::chrono::steady_clock::now() >= deadline;
        return HookError(late ? HookTrouble::TooSlow : trouble);
    };
    try {
        const auto socket = connectTo(url, options.allowPrivate, deadline);
        watchdog = std::make_unique<shared::Watchdog>(socket.impl()->sockfd(), deadline);
        return converse(url, request, options, socket, *watchdog);
    } catch (const HookError& error) {
        throw error.trouble() == HookTrouble::NoConnection ? unlessLate(error.trouble()) : error;
    } catch (const Poco::TimeoutException&) {
        throw HookError(HookTrouble::TooSlow);
    } catch (const Poco::Net::CertificateValidationException&) {
        throw unlessLate(HookTrouble::BadCertificate);
    } catch (const Poco::Net::SSLException& error) {
        // An unknown issuer ends the handshake inside OpenSSL, which tells it by its text alone.
        const bool isAboutCertificate = error.displayText().find("certificate") != std::string::npos;
        throw unlessLate(isAboutCertificate ? HookTrouble::BadCertificate : HookTrouble::NoEncryption);
    } catch (const Poco::Exception&) {
        throw unlessLate(HookTrouble::Broken);
    }
}

} // namespace webhook

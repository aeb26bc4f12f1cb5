// SPDX-License-Identifier: MIT
#include "mail_sender.h"

#include "../shared/connect.h"
#include "../shared/watchdog.h"
#include "mail_error.h"
#include "mail_message.h"
#include "smtp_dialog.h"

#include <Poco/File.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>

#include <algorithm>
#include <memory>

namespace smtp {

using namespace apbfarm;
using Poco::Net::Context;

namespace {

std::vector<Poco::Net::IPAddress> addressesOf(const std::string& host)
{
    try {
        return shared::addressesOf(host);
    } catch (const Poco::Exception&) {
        throw MailError(MailTrouble::NoHost);
    }
}

Poco::Net::StreamSocket connectTo(const SmtpConfig& config, shared::Deadline deadline)
{
    const auto addresses = addressesOf(config.server);
    try {
        auto socket = shared::connectTo(addresses, static_cast<Poco::UInt16>(config.port), deadline);
        socket.setReceiveTimeout(shared::timeLeft(deadline));
        socket.setSendTimeout(shared::timeLeft(deadline));
        return socket;
    } catch (const Poco::Exception&) {
        throw MailError(MailTrouble::NoConnection);
    }
}

Context::Ptr verifyingContext(const MailOptions& options)
{
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, "", "", options.caFile, Context::VERIFY_STRICT, 9,
                                       options.caFile.empty());
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
}

void converse(const SmtpConfig& config, const std::string& password, const MailOptions& options,
              Poco::Net::StreamSocket socket, const Sender& sender, const Notification& notification,
              const std::string& mail)
{
    const bool implicitTls = config.useTls && options.implicitTlsPorts.contains(config.port);
    if (implicitTls)
        socket = Poco::Net::SecureStreamSocket::attach(socket, config.server, verifyingContext(options));

    SmtpDialog dialog(socket);
    dialog.greet();
    if (config.useTls && !implicitTls)
        dialog.startTls(config.server, verifyingContext(options));
    if (!config.username.empty() && !password.empty()) {
        if (!config.useTls && !options.allowPlainAuth)
            throw MailError(MailTrouble::PasswordNeedsEncryption);
        dialog.authenticate(config.username, password);
    }
    dialog.send(sender.address, notification.recipientEmail, mail);
}

std::set<int> portsOf(const std::string& list)
{
    std::set<int> ports;
    for (const auto& piece : Poco::StringTokenizer(
             list, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY)) {
        unsigned port = 0;
        if (!Poco::NumberParser::tryParseUnsigned(piece, port) || port < 1 || port > 65535)
            throw InvalidInput("notify.smtp.implicitTlsPorts must be a list of ports such as '465, 2465'");
        ports.insert(static_cast<int>(port));
    }
    return ports;
}

} // namespace

MailOptions readMailOptions(const OptionView& options)
{
    MailOptions result;
    result.caFile = options.getString("caFile");
    if (!result.caFile.empty() && !Poco::File(result.caFile).exists())
        throw InvalidInput("notify.smtp.caFile names the file '" + result.caFile + "', which does not exist");
    result.allowPlainAuth = options.getBool("allowPlainAuth");
    result.implicitTlsPorts = portsOf(options.getString("implicitTlsPorts"));
    result.timeout = std::chrono::seconds(options.getInt("timeout"));
    return result;
}

void sendMail(const SmtpConfig& config, const std::string& password, const MailOptions& options,
              const Notification& notification)
{
    const Sender sender{config.fromName.empty() ? "APB Farm" : config.fromName,
                        config.fromEmail.empty() ? "noreply@localhost" : config.fromEmail};
    const auto mail = composeMail(sender, notification);
    const auto deadline = std::chrono::steady_clock::now() + options.timeout;

    std::unique_ptr<shared::Watchdog> watchdog;
    const auto elseUnlessCut = [&](MailTrouble trouble) {
        const bool late = (watchdog && watchdog->hasCut()) || std::chrono::steady_clock::now() >= deadline;
        return MailError(late ? MailTrouble::TooSlow : trouble);
    };
    try {
        const auto socket = connectTo(config, deadline);
        watchdog = std::make_unique<shared::Watchdog>(socket.impl()->sockfd(), deadline);
        converse(config, password, options, socket, sender, notification, mail);
    } catch (const MailError& error) {
        if (error.trouble() == MailTrouble::Broken || error.trouble() == MailTrouble::NoConnection)
            throw elseUnlessCut(error.trouble());
        throw;
    } catch (const Poco::TimeoutException&) {
        throw MailError(MailTrouble::TooSlow);
    } catch (const Poco::Net::CertificateValidationException&) {
        throw elseUnlessCut(MailTrouble::BadCertificate);
    } catch (const Poco::Net::SSLException& error) {
        // An unknown issuer ends the handshake inside OpenSSL, which tells it by its text alone.
        const bool isAboutCertificate = error.displayText().find("certificate") != std::string::npos;
        throw elseUnlessCut(isAboutCertificate ? MailTrouble::BadCertificate : MailTrouble::NoEncryption);
    } catch (const Poco::Exception&) {
        throw elseUnlessCut(MailTrouble::Broken);
    }
}

} // namespace smtp

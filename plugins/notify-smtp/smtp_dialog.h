// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/SMTPClientSession.h>

#include <string>

namespace smtp {

/// One conversation with a mail server, step by step. Each step throws `MailError` naming what was refused, or a
/// Poco exception when the connection fails.
class SmtpDialog final : public Poco::Net::SMTPClientSession {
public:
    /// `connected` may be encrypted already.
    explicit SmtpDialog(const Poco::Net::StreamSocket& connected);

    void greet();
    /// From here on encrypted; the certificate is checked against `host`. Greets again.
    void startTls(const std::string& host, const Poco::Net::Context::Ptr& context);
    void authenticate(const std::string& username, const std::string& password);
    /// Returns when the server has taken responsibility. `mail` ends with CRLF and has no line that begins with a dot.
    void send(const std::string& from, const std::string& to, const std::string& mail);

private:
    bool offers(const std::string& line) const;
    int say(const std::string& command);

    std::string abilities_;          // the server's answer to EHLO, upper case
};

} // namespace smtp

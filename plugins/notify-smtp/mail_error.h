// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace smtp {

/// Why a mail did not go out, as far as anyone but the mail server's operator needs to know (M4).
enum class MailTrouble {
    NotConfigured,
    NoHost,
    NoConnection,
    NoEncryption,
    BadCertificate,
    PasswordUnreadable,
    PasswordNeedsEncryption,
    LoginRefused,
    SenderRefused,
    RecipientRefused,
    MessageRefused,
    TooSlow,
    Broken
};

constexpr const char* toText(MailTrouble trouble)
{
    switch (trouble) {
    case MailTrouble::NotConfigured: return "No SMTP server is configured";
    case MailTrouble::NoHost: return "The name of the mail server is not known";
    case MailTrouble::NoConnection: return "Connection failed: the mail server does not answer at this address and port";
    case MailTrouble::NoEncryption: return "TLS failed: the mail server does not offer encryption on this port";
    case MailTrouble::BadCertificate: return "TLS failed: the mail server's certificate is not valid for it";
    case MailTrouble::PasswordUnreadable: return "The stored password cannot be read any more; enter it again";
    case MailTrouble::PasswordNeedsEncryption:
        return "The password is not sent without TLS; switch use_tls on, or allow it with notify.smtp.allowPlainAuth";
    case MailTrouble::LoginRefused: return "Authentication failed: Invalid credentials";
    case MailTrouble::SenderRefused: return "The mail server refused the sender's address";
    case MailTrouble::RecipientRefused: return "The mail server refused the recipient's address";
    case MailTrouble::MessageRefused: return "The mail server refused the message";
    case MailTrouble::TooSlow: return "The mail server took too long";
    case MailTrouble::Broken: return "The conversation with the mail server broke off";
    }
    return "";
}

class MailError : public std::runtime_error {
public:
    explicit MailError(MailTrouble trouble, bool isPermanent = false)
        : std::runtime_error(toText(trouble)), trouble_(trouble), isPermanent_(isPermanent) {}

    MailTrouble trouble() const { return trouble_; }
    /// This message will never be accepted.
    bool isPermanent() const { return isPermanent_; }

private:
    MailTrouble trouble_;
    bool isPermanent_;
};

} // namespace smtp

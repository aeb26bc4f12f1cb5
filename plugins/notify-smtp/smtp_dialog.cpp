// SPDX-License-Identifier: MIT
#include "smtp_dialog.h"

#include "mail_address.h"
#include "mail_error.h"

#include <Poco/Base64Encoder.h>
#include <Poco/Environment.h>
#include <Poco/Net/DialogSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/String.h>

#include <sstream>

namespace smtp {

namespace {

constexpr int kTemporary = 4;
constexpr int kPermanent = 5;

std::string toBase64(const std::string& bytes)
{
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

std::string ownName()
{
    const auto name = Poco::Environment::nodeName();
    return isHostName(name) ? name : "localhost";
}

bool offersPlain(const std::string& abilities)
{
    const auto begin = abilities.find("AUTH");
    const auto line = begin == std::string::npos ? "" : abilities.substr(begin, abilities.find('\n', begin) - begin);
    return line.find("PLAIN") != std::string::npos;
}

// 421 means that the server goes away, whatever was asked.
[[noreturn]] void refuse(int status, MailTrouble trouble)
{
    if (status == 421 || (status / 100 != kTemporary && status / 100 != kPermanent))
        throw MailError(MailTrouble::Broken);
    const bool isAboutTheMail = trouble == MailTrouble::RecipientRefused || trouble == MailTrouble::MessageRefused;
    throw MailError(trouble, isAboutTheMail && status / 100 == kPermanent);
}

} // namespace

SmtpDialog::SmtpDialog(const Poco::Net::StreamSocket& connected) : SMTPClientSession(connected) {}

void SmtpDialog::greet()
{
    open();
    std::string answer;
    int status = sendCommand("EHLO", ownName(), answer);
    if (isPermanentNegative(status))
        status = sendCommand("HELO", ownName(), answer);
    if (!isPositiveCompletion(status))
        throw MailError(MailTrouble::Broken);
    abilities_ = Poco::toUpper(answer);
}

void SmtpDialog::startTls(const std::string& host, const Poco::Net::Context::Ptr& context)
{
    if (!offers("STARTTLS") || !isPositiveCompletion(say("STARTTLS")))
        throw MailError(MailTrouble::NoEncryption);
    // The new socket begins with an empty buffer: what was sent ahead in plain text is not taken for encrypted.
    socket() = Poco::Net::SecureStreamSocket::attach(socket(), host, context);
    greet();
}

void SmtpDialog::authenticate(const std::string& username, const std::string& password)
{
    int status = 0;
    if (offersPlain(abilities_)) {
        status = say("AUTH PLAIN " + toBase64(std::string(1, '\0') + username + std::string(1, '\0') + password));
    } else {
        status = say("AUTH LOGIN");
        if (isPositiveIntermediate(status))
            status = say(toBase64(username));
        if (isPositiveIntermediate(status))
            status = say(toBase64(password));
    }
    if (!isPositiveCompletion(status))
        refuse(status, MailTrouble::LoginRefused);
}

void SmtpDialog::send(const std::string& from, const std::string& to, const std::string& mail)
{
    if (const int status = say("MAIL FROM:<" + from + ">"); !isPositiveCompletion(status))
        refuse(status, MailTrouble::SenderRefused);
    if (const int status = say("RCPT TO:<" + to + ">"); !isPositiveCompletion(status))
        refuse(status, MailTrouble::RecipientRefused);
    if (const int status = say("DATA"); !isPositiveIntermediate(status))
        refuse(status, MailTrouble::MessageRefused);
    if (const int status = say(mail + "."); !isPositiveCompletion(status))
        refuse(status, MailTrouble::MessageRefused);
}

bool SmtpDialog::offers(const std::string& line) const
{
    return abilities_.find(line) != std::string::npos;
}

int SmtpDialog::say(const std::string& command)
{
    std::string answer;
    return sendCommand(command, answer);
}

} // namespace smtp

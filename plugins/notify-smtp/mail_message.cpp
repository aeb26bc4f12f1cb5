// SPDX-License-Identifier: MIT
#include "mail_message.h"

#include "mail_address.h"

#include <apbfarm/errors.h>

#include <Poco/Base64Encoder.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace smtp {

using apbfarm::InvalidInput;

namespace {

constexpr std::size_t kWordBytes = 42;      // an encoded word of at most 75 characters
constexpr std::size_t kPlainLimit = 66;
constexpr std::size_t kSubjectLimit = 500;

std::string toBase64(std::string_view bytes, int lineLength)
{
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(lineLength);
    encoder.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    encoder.close();
    return out.str();
}

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// A word must not end within a character.
std::size_t wordLength(std::string_view text)
{
    if (text.size() <= kWordBytes)
        return text.size();
    auto length = kWordBytes;
    while (length > 1 && isContinuation(text[length]))
        --length;
    return length;
}

bool isPlain(std::string_view text)
{
    return text.size() <= kPlainLimit && text.find("=?") == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// A display name stays bare only when it needs no quoting.
std::string encodeName(const std::string& name)
{
    const bool bare = !name.empty() && name.size() <= kPlainLimit && std::ranges::all_of(name, [](unsigned char c) {
        return c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    std::string encoded;
    if (bare)
        return name;
    for (std::string_view rest = name; !rest.empty();) {
        const auto length = wordLength(rest);
        encoded += (encoded.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + toBase64(rest.substr(0, length), 0) + "?=";
        rest.remove_prefix(length);
    }
    return encoded;
}

std::string withCrLf(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
            continue;
        out += (text[i] == '\n' || text[i] == '\r') ? "\r\n" : std::string(1, text[i]);
    }
    return out;
}

std::string messageId(const apbfarm::Notification& notification, const std::string& sender)
{
    std::string id;
    for (const unsigned char c : notification.id)
        id += std::isalnum(c) || c == '-' || c == '_' ? static_cast<char>(c) : '-';
    return "<" + id + sender.substr(sender.find('@')) + ">";
}

std::string dateOf(const apbfarm::Notification& notification)
{
    const Poco::Timestamp time(notification.createdAt.time_since_epoch().count());
    return Poco::DateTimeFormatter::format(time, "%w, %e %b %Y %H:%M:%S +0000");
}

} // namespace

std::string encodeHeader(std::string_view text)
{
    return isPlain(text) ? std::string(text) : encodeName(std::string(text));
}

std::string composeMail(const Sender& sender, const apbfarm::Notification& notification)
{
    if (!isMailAddress(notification.recipientEmail))
        throw InvalidInput("The recipient has no usable e-mail address", "invalid_recipient");
    if (!isMailAddress(sender.address) || !isOneLine(sender.name, kSubjectLimit))
        throw InvalidInput("The sender of mails is not usable", "invalid_sender");
    if (!isOneLine(notification.subject, kSubjectLimit))
        throw InvalidInput("The subject is not one line of text", "invalid_subject");

    std::string mail;
    const auto header = [&](const std::string& name, const std::string& value) { mail += name + ": " + value + "\r\n"; };
    header("From", encodeName(sender.name) + " <" + sender.address + ">");
    header("To", "<" + notification.recipientEmail + ">");
    header("Subject", encodeHeader(notification.subject));
    header("Date", dateOf(notification));
    header("Message-ID", messageId(notification, sender.address));
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=utf-8");
    header("Content-Transfer-Encoding", "base64");
    header("Auto-Submitted", "auto-generated");
    mail += "\r\n" + toBase64(withCrLf(notification.text), 76);
    if (!mail.ends_with("\r\n"))
        mail += "\r\n";
    return mail;
}

} // namespace smtp

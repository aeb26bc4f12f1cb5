// SPDX-License-Identifier: MIT
#include "fleet/http_multipart.h"

#include "util/secrets.h"

namespace apbfarm::fleet {

namespace {

void appendHex(std::string& out, unsigned char byte)
{
    constexpr char digits[] = "0123456789ABCDEF";
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

/// As browsers do: only what would end the quoted text is changed.
std::string quoted(std::string_view name)
{
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\r' || c == '\n')
            appendHex(text, static_cast<unsigned char>(c));
        else
            text += c;
    }
    return text + '"';
}

} // namespace

// 128 random bits: cannot occur in the payload by chance or intention.
MultipartText::MultipartText() : boundary_(util::toHex(util::randomBytes(16)))
{
}

void MultipartText::beginPart()
{
    if (begun_)
        text_ += "\r\n";
    begun_ = true;
    text_ += "--" + boundary_ + "\r\n";
}

void MultipartText::addField(std::string_view name, std::string_view value)
{
    beginPart();
    text_ += "Content-Disposition: form-data; name=" + quoted(name) + "\r\n\r\n";
    text_ += value;
}

void MultipartText::beginFile(std::string_view name, std::string_view filename, std::string_view type)
{
    beginPart();
    text_ += "Content-Disposition: form-data; name=" + quoted(name) + "; filename=" + quoted(filename) + "\r\n";
    text_ += "Content-Type: ";
    text_ += type;
    text_ += "\r\n\r\n";
}

std::string percentEncoded(std::string_view segment)
{
    std::string text;
    for (const char c : segment) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain)
            text += c;
        else
            appendHex(text, static_cast<unsigned char>(c));
    }
    return text;
}

} // namespace apbfarm::fleet

// SPDX-License-Identifier: MIT
#include "http/head_checks.h"

#include "http/characters.h"
#include "http/protocol_errors.h"
#include "util/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace apbfarm::http {

namespace {

constexpr std::size_t kMaxMethod = 16;
constexpr std::size_t kMaxFields = 100;
constexpr std::size_t kMaxFieldValue = 8 * 1024;
constexpr std::size_t kMaxFieldName = 256;
constexpr std::array<std::string_view, 9> kMethods = {"GET",     "POST",  "HEAD",  "PUT",    "DELETE",
                                                      "OPTIONS", "PATCH", "TRACE", "CONNECT"};

[[noreturn]] void unknownMethod()
{
    throw ProtocolError(501, "unknown_method", "Not implemented", "The method is not known here.");
}

void checkVersion(std::string_view version)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !isDigit(version[5]) || version[6] != '.' ||
        !isDigit(version[7]))
        throw badRequest("The request line has no valid HTTP version.", "bad_request_line");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        throw ProtocolError(505, "unsupported_version", "HTTP version not supported",
                            "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
}

/// Calls `each(name, rawValue)` for every line; the value still has its blanks.
template <class F> void forEachLine(std::string_view lines, F&& each)
{
    while (lines.size() > 2) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const auto colon = std::min(line.find(':'), line.size());
        each(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
    }
}

/// Blanks around a value are spaces; a tab there is how requests are smuggled past a proxy.
std::string_view trimSpaces(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::uint64_t readLength(std::string_view value)
{
    const auto length = util::parseUnsigned(value);
    if (!length)
        throw badRequest("Content-Length is not a number.", "bad_content_length");
    return *length;
}

/// Once only: two of them mean that somebody on the way reads another one than we do.
void takeOnce(std::string_view& slot, std::string_view value, const char* name)
{
    if (slot.data())
        throw badRequest(std::string(name) + " is given twice.", "repeated_header");
    slot = value;
}

bool listHas(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(item.size() + 1, list.size()));
        if (util::equalsIgnoringCase(util::trim(item), word))
            return true;
    }
    return false;
}

bool isPort(std::string_view text)
{
    return text.size() <= 5 && util::parseUnsigned(text, 65535).value_or(0) > 0;
}

bool isIpv6(std::string_view text)
{
    in6_addr address;
    return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

} // namespace

bool isHost(std::string_view text)
{
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos || !isIpv6(text.substr(1, close - 1)))
            return false;
        const auto rest = text.substr(close + 1);
        return rest.empty() || (rest.front() == ':' && isPort(rest.substr(1)));
    }
    const auto colon = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, colon);
    const auto isNameChar = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), isNameChar) &&
           (colon == text.size() || isPort(text.substr(colon + 1)));
}

std::size_t findHeadEnd(std::string_view bytes, std::size_t& scanned)
{
    for (auto i = scanned; i < bytes.size(); ++i) {
        const auto c = bytes[i];
        if (!isControl(c) || c == '\t')
            continue;
        if (c == '\n' && i > 0 && bytes[i - 1] == '\r') {
            if (i == 1)
                throw badRequest("The request begins with an empty line.", "bad_request_line");
            if (i >= 3 && bytes[i - 2] == '\n')
                return i + 1;
        } else if (c != '\r' || (i + 1 < bytes.size() && bytes[i + 1] != '\n')) {
            throw badRequest("The request head holds a control character or a wrong line end.", "bad_header");
        } else if (i + 1 == bytes.size()) {
            scanned = i;
            break;
        }
    }
    scanned = std::max(scanned, bytes.empty() || bytes.back() == '\r' ? scanned : bytes.size());
    const auto lineEnd = bytes.substr(0, kMaxRequestLine + 2).find('\n');
    if (lineEnd == std::string_view::npos && bytes.size() > kMaxRequestLine + 1)
        throw ProtocolError(414, "target_too_long", "URI too long", "The request line exceeds 8 KiB.");
    if (lineEnd != std::string_view::npos && bytes.size() - lineEnd > kMaxFieldBytes)
        throw headTooLarge("The header fields exceed 32 KiB together.");
    return 0;
}

void checkRequestLine(std::string_view line)
{
    if (line.size() > kMaxRequestLine)
        throw ProtocolError(414, "target_too_long", "URI too long", "The request line exceeds 8 KiB.");
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last || last == first + 1)
        throw badRequest("The request line is not \"METHOD target HTTP/1.1\".", "bad_request_line");
    const auto method = line.substr(0, first);
    if (!isToken(method))
        throw badRequest("The method is malformed.", "bad_request_line");
    if (method.size() > kMaxMethod)
        unknownMethod();
    checkVersion(line.substr(last + 1));
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
        unknownMethod();
}

void checkFieldLines(std::string_view lines)
{
    if (lines.size() > kMaxFieldBytes)
        throw headTooLarge("The header fields exceed 32 KiB together.");
    std::size_t count = 0;
    forEachLine(lines, [&](std::string_view name, std::string_view value) {
        if (++count > kMaxFields)
            throw headTooLarge("There are more than 100 header fields.");
        // Also catches folded lines and blanks before the colon. A line without a colon shows as a name that is
        // followed by nothing at all.
        if (!isToken(name) || value.data() == name.data() + name.size())
            throw badRequest("A header field is malformed.", "bad_header");
        if (name.size() > kMaxFieldName || util::trim(value).size() > kMaxFieldValue)
            throw headTooLarge("A header field exceeds 8 KiB.");
    });
}

void readFraming(std::string_view bytes, RequestHead& head)
{
    const auto lineEnd = bytes.find("\r\n");
    const bool is10 = bytes[lineEnd - 1] == '0';
    int lengths = 0, codings = 0;
    std::string_view coding;
    forEachLine(bytes.substr(lineEnd + 2), [&](std::string_view name, std::string_view value) {
        if (name.size() == 14 && util::equalsIgnoringCase(name, "content-length")) {
            head.contentLength = readLength(trimSpaces(value));
            ++lengths;
        } else if (name.size() == 17 && util::equalsIgnoringCase(name, "transfer-encoding")) {
            coding = trimSpaces(value);
            ++codings;
        }
    });
    if (lengths > 1 || (lengths > 0 && codings > 0))
        throw badRequest("The length of the body is stated more than once.", "bad_content_length");
    if (codings > 0 && is10)
        throw badRequest("HTTP/1.0 has no Transfer-Encoding.", "bad_transfer_encoding");
    if (codings > 1 || (codings == 1 && !util::equalsIgnoringCase(coding, "chunked")))
        throw ProtocolError(501, "bad_transfer_encoding", "Not implemented",
                            "The only transfer encoding understood here is chunked.");
    head.chunked = codings == 1;
}

void readKnownFields(RequestHead& head)
{
    std::string_view host, connection;
    head.keepAlive = head.minorVersion == 1;
    for (const auto& field : head.fields) {
        const auto name = field.name, value = field.value;
        const auto is = [&](std::string_view known) {
            return name.size() == known.size() && util::equalsIgnoringCase(name, known);
        };
        if (is("host"))
            takeOnce(host, value, "Host");
        else if (is("cookie"))
            takeOnce(head.cookie, value, "Cookie");
        else if (is("expect"))
            takeOnce(head.expect, value, "Expect");
        else if (is("authorization"))
            takeOnce(head.authorization, value, "Authorization");
        else if (is("content-type"))
            takeOnce(head.contentType, value, "Content-Type");
        else if (is("connection") && listHas(value, "close"))
            head.keepAlive = false;
        else if (is("connection") && head.minorVersion == 0 && listHas(value, "keep-alive"))
            head.keepAlive = true;
    }
    if ((host.data() || head.minorVersion == 1) && !isHost(host))
        throw badRequest("The Host header is missing or malformed.", "bad_host");
}

} // namespace apbfarm::http

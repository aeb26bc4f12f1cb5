// SPDX-License-Identifier: MIT
#include "fleet/http_head.h"

#include "fleet/server_wait.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::fleet {

namespace {

[[noreturn]] void malformed(const std::string& what)
{
    throw ExchangeBroken(Break::Malformed, "the answer is not valid HTTP: " + what);
}

bool isToken(std::string_view name)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool hasControls(std::string_view text)
{
    return std::ranges::any_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

std::string_view takeLine(std::string_view& text)
{
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos)
        malformed("a line does not end");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (hasControls(line))
        malformed("control characters in the head");
    return line;
}

/// Returns whether it is HTTP/1.1.
bool readStatusLine(std::string_view line, HttpHead& head)
{
    const bool http11 = line.starts_with("HTTP/1.1 ");
    if (!http11 && !line.starts_with("HTTP/1.0 "))
        malformed("no status line");
    const auto code = line.substr(9, 3);
    const auto status = util::parseUnsigned(code, 599);
    if (code.size() != 3 || !status || *status < 100 || (line.size() > 12 && line[12] != ' '))
        malformed("the status is not a number");
    head.status = static_cast<int>(*status);
    return http11;
}

void readField(std::string_view line, HttpHead& head)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
        malformed("a field has no proper name");
    if (head.fields.size() >= kMaxHeadFields)
        malformed("too many fields");
    head.fields.emplace_back(util::toLower(line.substr(0, colon)), util::trim(line.substr(colon + 1)));
}

std::optional<std::string> findOnly(const HttpHead& head, std::string_view name)
{
    if (std::ranges::count(head.fields, name, [](const auto& field) { return std::string_view(field.first); }) > 1)
        malformed("the field '" + std::string(name) + "' appears twice");
    return head.find(name);
}

void readFraming(HttpHead& head)
{
    const auto length = findOnly(head, "content-length");
    const auto coding = findOnly(head, "transfer-encoding");
    if (length && coding)
        malformed("both Content-Length and Transfer-Encoding");
    if (coding && !util::equalsIgnoringCase(*coding, "chunked"))
        malformed("an unknown Transfer-Encoding");
    if (head.status < 200 || head.status == 204 || head.status == 304) {
        head.framing = Framing::NoBody;
    } else if (coding) {
        head.framing = Framing::Chunked;
    } else if (length) {
        const auto number = util::parseUnsigned(*length, INT64_MAX);
        if (!number)
            malformed("Content-Length is not a number");
        head.framing = Framing::Length;
        head.length = *number;
    }
}

} // namespace

std::optional<std::string> HttpHead::find(std::string_view lowerName) const
{
    const auto at = std::ranges::find(fields, lowerName, [](const auto& field) { return std::string_view(field.first); });
    return at == fields.end() ? std::nullopt : std::optional(at->second);
}

HttpHead parseHttpHead(std::string_view text)
{
    HttpHead head;
    const bool http11 = readStatusLine(takeLine(text), head);
    for (auto line = takeLine(text); !line.empty(); line = takeLine(text))
        readField(line, head);
    readFraming(head);
    const auto connection = util::toLower(head.find("connection").value_or(""));
    const auto options = util::splitList(connection, ',');
    head.keepAlive = http11 && head.framing != Framing::UntilClose && std::ranges::count(options, "close") == 0;
    return head;
}

} // namespace apbfarm::fleet

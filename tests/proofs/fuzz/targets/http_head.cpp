// SPDX-License-Identifier: MIT
#include "property.h"

#include "http/error_mapping.h"
#include "http/request_head.h"
#include "util/text.h"

namespace apbfarm::fuzz {

namespace {

struct Outcome {
    int refused = 0;          ///< the status
    std::size_t length = 0;   ///< 0: more is needed
    http::RequestHead head;
};

Outcome read(std::string_view bytes, std::size_t piece)
{
    Outcome outcome;
    std::size_t scanned = 0, have = 0;
    try {
        inPieces(bytes, piece, [&](std::string_view more) {
            have += more.size();
            if (outcome.length == 0)
                outcome.length = http::findHeadEnd(bytes.substr(0, have), scanned);
        });
        if (outcome.length > 0)
            http::parseRequestHead(bytes.substr(0, outcome.length), outcome.head);
    } catch (const http::ProtocolError& error) {
        outcome.refused = error.status();
    }
    return outcome;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// Field by field from the lines alone, without the tokenizer.
void compareFields(std::string_view lines, const http::RequestHead& head)
{
    int lengths = 0, codings = 0, hosts = 0;
    std::size_t count = 0;
    while (lines != "\r\n") {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const auto colon = line.find(':');
        require(colon != line.npos && count < head.fields.size(), "every line is a field (H3)");
        const auto& field = head.fields[count++];
        require(field.name == line.substr(0, colon), "a name is what stands before the colon (H3)");
        require(field.value == trimmed(line.substr(colon + 1)), "a value is the bytes of the line (H3)");
        const auto name = util::toLower(field.name);
        lengths += name == "content-length";
        hosts += name == "host";
        codings += name == "transfer-encoding";
        require(name != "transfer-encoding" || util::toLower(field.value) == "chunked", "chunked or nothing (H8)");
        require(name != "content-length" || std::to_string(head.contentLength.value()) == field.value
                    || field.value.starts_with('0'), "the length is the one that stands there (H6)");
    }
    require(count == head.fields.size() && count <= 100, "no field beyond the lines, at most a hundred (H2)");
    require(lengths + codings <= 1, "the length of the body is stated once (H6, H7)");
    require(head.chunked == (codings == 1) && head.contentLength.has_value() == (lengths == 1), "framing as stated");
    require(codings == 0 || head.minorVersion == 1, "no Transfer-Encoding on HTTP/1.0 (H8)");
    require(hosts == 1 || (hosts == 0 && head.minorVersion == 0), "one Host (H5)");
}

void checkAccepted(std::string_view bytes, const http::RequestHead& head)
{
    const auto end = bytes.find("\r\n");
    const auto line = std::string(head.method) + " " + std::string(head.target) + " HTTP/1."
        + std::to_string(head.minorVersion);
    require(bytes.substr(0, end) == line && line.size() <= http::kMaxRequestLine, "the request line (H1)");
    require(!hasControls(head.target) && head.target.find(' ') == head.target.npos, "no blanks in a target (H1)");
    require(!hasControls(bytes, "\t\r\n"), "no control characters (H3)");
    for (std::size_t i = 0; i < bytes.size(); ++i)
        require((bytes[i] == '\r') == (i + 1 < bytes.size() && bytes[i + 1] == '\n'), "line ends are CRLF (H4)");
    compareFields(bytes.substr(end + 2), head);
}

}

void tryInput(std::string_view bytes)
{
    const auto whole = read(bytes, 0);
    if (whole.length > 0 && whole.refused == 0)
        checkAccepted(bytes.substr(0, whole.length), whole.head);
    for (const auto size : pieceSizes(bytes)) {
        if (size == 1 && bytes.size() > 2000)
            continue;
        const auto cut = read(bytes, size);
        require((cut.refused == 0) == (whole.refused == 0), "cuts do not matter");
        require(bytes.size() > http::kMaxRequestLine || cut.refused == whole.refused, "nor to the status");
        require(cut.refused > 0 || cut.length == whole.length, "nor to the end of the head");
    }
}

}

// SPDX-License-Identifier: MIT
#include "property.h"

#include "http/error_mapping.h"
#include "http/multipart_scanner.h"
#include "http/part_header.h"
#include "util/text.h"

#include <vector>

namespace apbfarm::fuzz {

namespace {

struct Part {
    http::PartHeader header;
    std::string content;
    bool ended = false;
};

class Parts final : public http::PartSink {
public:
    std::vector<Part> list;

private:
    void beginPart(std::string_view lines) override
    {
        require(list.empty() || list.back().ended, "a part begins after the one before has ended");
        list.push_back({http::parsePartHeader(lines), {}, false});
    }
    void partData(std::string_view bytes) override
    {
        require(!list.empty() && !list.back().ended, "content belongs to a part");
        list.back().content += bytes;
    }
    void endPart() override
    {
        require(!list.empty() && !list.back().ended, "a part ends once");
        list.back().ended = true;
    }
};

struct Outcome {
    bool refused = false;
    std::vector<Part> parts;
};

Outcome scan(std::string_view boundary, std::string_view body, std::size_t piece)
{
    Parts parts;
    try {
        http::MultipartScanner scanner(boundary, parts);
        inPieces(body, piece, [&](std::string_view more) { scanner.feed(more); });
        scanner.finish();
    } catch (const http::ProtocolError& error) {
        require(error.status() == 400, "what is refused is refused with 400 (H18)");
        return {true, {}};
    }
    return {false, std::move(parts.list)};
}

void checkAccepted(const Outcome& outcome, std::string_view boundary)
{
    for (const auto& [header, content, ended] : outcome.parts) {
        require(ended, "an accepted form has no open part");
        require(content.find("\r\n--" + std::string(boundary) + "\r\n") == content.npos, "no boundary in a part");
        require(content.find("\r\n--" + std::string(boundary) + "--") == content.npos, "no end in a part");
        require(!header.name.empty() && !hasControls(header.name) && util::isUtf8(header.name), "a clean name");
        require(!hasControls(header.filename) && util::isUtf8(header.filename), "a clean file name");
    }
}

}

void tryInput(std::string_view bytes)
{
    const auto first = bytes.substr(0, bytes.find('\n'));
    const auto boundary = first.substr(0, 100);
    const auto body = bytes.substr(std::min(first.size() + 1, bytes.size()));
    const auto whole = scan(boundary, body, 0);
    if (!whole.refused)
        checkAccepted(whole, boundary);
    for (const auto size : pieceSizes(bytes)) {
        if (size == 1 && bytes.size() > 4000)
            continue;
        const auto cut = scan(boundary, body, size);
        require(cut.refused == whole.refused && cut.parts.size() == whole.parts.size(), "cuts do not matter");
        for (std::size_t i = 0; i < cut.parts.size(); ++i)
            require(cut.parts[i].content == whole.parts[i].content, "nor to the content");
    }
    try {
        http::headerParameter(first, "boundary");
    } catch (const http::ProtocolError&) {
    }
}

}

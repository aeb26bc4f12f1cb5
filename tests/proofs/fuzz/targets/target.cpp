// SPDX-License-Identifier: MIT
#include "property.h"

#include "http/error_mapping.h"
#include "http/target.h"
#include "util/text.h"

#include <set>

namespace apbfarm::fuzz {

namespace {

std::string encoded(std::string_view text)
{
    static const auto plain = joined({kLower, kUpper, kDigits, "-._~"});
    std::string out;
    for (const char c : text) {
        char escape[4];
        std::snprintf(escape, sizeof escape, "%%%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += plain.find(c) != plain.npos ? std::string(1, c) : escape;
    }
    return out;
}

std::string written(const http::Target& target)
{
    std::string text;
    for (const auto& segment : target.segments)
        text += "/" + encoded(segment);
    text += target.segments.empty() ? "/" : "";
    char mark = '?';
    for (const auto& [name, value] : target.query) {
        text += mark + encoded(name) + "=" + encoded(value);
        mark = '&';
    }
    return text;
}

void requireRules(const http::Target& target)
{
    for (std::size_t i = 0; i < target.segments.size(); ++i) {
        const auto& segment = target.segments[i];
        require(segment != "." && segment != ".." && segment.find_first_of("/\\") == segment.npos, "no way out (H14)");
        require(!hasControls(segment) && util::isUtf8(segment), "segments are clean UTF-8 (H14)");
        require(!segment.empty() || i + 1 == target.segments.size(), "no empty segment but the last (H14)");
    }
    std::set<std::string> names;
    require(target.query.size() <= 64, "64 parameters at most (H16)");
    for (const auto& [name, value] : target.query) {
        require(names.insert(name).second, "no parameter twice (H16)");
        require(!hasControls(name) && !hasControls(value) && util::isUtf8(name) && util::isUtf8(value), "clean (H16)");
    }
}

}

void tryInput(std::string_view bytes)
{
    http::Target target, again;
    try {
        http::parseTarget(bytes, target);
    } catch (const http::ProtocolError& error) {
        require(error.status() == 400, "refused with 400 (H14)");
        return;
    }
    requireRules(target);
    http::parseTarget(written(target), again);
    require(again.segments == target.segments && again.query == target.query, "decoded once, and only once (H14)");
}

}

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::http {

/// A request target taken apart and decoded exactly once (H14, H16). Router and access check read nothing else.
struct Target {
    /// Of "/": none. A trailing slash shows as an empty last one.
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> query;

    void clear()
    {
        segments.clear();
        query.clear();
    }
};

/// Throws ProtocolError (400) for anything but a clean origin-form target.
void parseTarget(std::string_view text, Target& target);

/// name=value pairs with '+' and %xx decoded, as in a query or an urlencoded form. Appends; at most `maxPairs`.
/// Text fields of forms may hold line ends, queries may not. Throws ProtocolError (400).
void parsePairs(std::string_view text, std::size_t maxPairs, bool allowLineEnds,
                std::vector<std::pair<std::string, std::string>>& pairs);

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace apbfarm::http {

inline constexpr std::size_t kMaxRequestLine = 8 * 1024;
inline constexpr std::size_t kMaxFieldBytes = 32 * 1024;
inline constexpr std::size_t kMaxHead = kMaxRequestLine + 2 + kMaxFieldBytes;

/// A checked request head. All views point into the bytes that were parsed.
struct RequestHead {
    struct Field {
        std::string_view name, value;
    };

    std::string_view method, target;
    int minorVersion = 1;
    std::vector<Field> fields;
    std::string_view authorization, cookie, contentType, expect;
    std::optional<std::uint64_t> contentLength;
    bool chunked = false;
    bool keepAlive = true;

    bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
    /// The first of that name; case does not matter.
    std::optional<std::string_view> find(std::string_view name) const;
    void clear();
    /// After the parsed bytes were copied from `from` to `to`.
    void rebase(const char* from, const char* to);
};

/// Looks for the empty line that ends a head, and refuses stray controls and overlong heads as soon as they show
/// (H1-H4). Returns the head's length, 0 when more is needed. `scanned`: how much was looked at in earlier calls.
std::size_t findHeadEnd(std::string_view bytes, std::size_t& scanned);

/// `bytes`: exactly one head with its empty line, as `findHeadEnd` found it. Throws ProtocolError (H1-H8).
void parseRequestHead(std::string_view bytes, RequestHead& head);

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apbfarm::fleet {

constexpr std::size_t kMaxHeadBytes = 32 * 1024;
constexpr std::size_t kMaxHeadFields = 100;

/// How the end of a body is known.
enum class Framing { NoBody, Length, Chunked, UntilClose };

/// Status line and fields of an answer.
struct HttpHead {
    int status = 0;
    Framing framing = Framing::UntilClose;
    std::uint64_t length = 0;                                 ///< with Framing::Length
    bool keepAlive = false;                                   ///< another request may follow on this connection
    std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case

    std::optional<std::string> find(std::string_view lowerName) const;
};

/// Reads a whole head, the empty line included. What two readers could understand differently is refused:
/// bare CR or LF, folded lines, Content-Length twice or beside Transfer-Encoding, codings other than chunked.
/// Throws `ExchangeBroken`.
HttpHead parseHttpHead(std::string_view text);

} // namespace apbfarm::fleet

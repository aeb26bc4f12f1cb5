// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::server {

/// Where the lines of a growing file begin: one mark for every 128 lines keeps it small for logs of any length.
class LineIndex {
public:
    static constexpr std::uint64_t kStride = 128;

    /// Bytes that follow those already added. A line counts once its LF is there.
    void add(std::string_view bytes);

    std::uint64_t lines() const { return lines_; }
    std::uint64_t bytes() const { return bytes_; }

    struct Place {
        std::uint64_t offset;   ///< in bytes
        std::uint64_t skip;     ///< lines from there to the one asked for
    };
    /// For `line` < lines().
    Place find(std::uint64_t line) const;

private:
    std::vector<std::uint64_t> marks_{0};
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
};

/// Up to `count` lines from `place` on without their LF: at least one, then as many as fit in `budget` bytes.
/// Throws std::system_error.
std::vector<std::string> readLines(int file, LineIndex::Place place, std::uint64_t count, std::size_t budget);

} // namespace apbfarm::server

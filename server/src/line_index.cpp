// SPDX-License-Identifier: MIT
#include "line_index.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace apbfarm::server {

void LineIndex::add(std::string_view bytes)
{
    for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1))
        if (++lines_ % kStride == 0)
            marks_.push_back(bytes_ + at + 1);
    bytes_ += bytes.size();
}

LineIndex::Place LineIndex::find(std::uint64_t line) const
{
    return {marks_[line / kStride], line % kStride};
}

std::vector<std::string> readLines(int file, LineIndex::Place place, std::uint64_t count, std::size_t budget)
{
    std::vector<std::string> lines;
    std::string rest;
    char buffer[65536];
    while (lines.size() < count) {
        const auto got = ::pread(file, buffer, sizeof buffer, static_cast<off_t>(place.offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw std::system_error(errno, std::generic_category(), "cannot read the log");
        if (got == 0)
            break;
        place.offset += static_cast<std::uint64_t>(got);
        std::string_view bytes(buffer, static_cast<std::size_t>(got));
        for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
            rest += bytes.substr(0, end);
            if (place.skip > 0) {
                --place.skip;
                rest.clear();
                continue;
            }
            if (!lines.empty() && rest.size() > budget)
                return lines;
            budget -= std::min(budget, rest.size());
            lines.push_back(std::move(rest));
            rest.clear();
            if (lines.size() == count)
                return lines;
        }
        rest += bytes;
    }
    return lines;
}

} // namespace apbfarm::server

// SPDX-License-Identifier: MIT
#pragma once

#include "http/request.h"
#include "util/unique_fd.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <string>

namespace apbfarm::http {

/// An open file and the piece of it that answers a request.
struct FileAnswer {
    util::UniqueFd file;
    int status = 200;               ///< 200, 206 or 304
    std::uint64_t at = 0, end = 0;  ///< bytes; equal for 304
    std::string lastModified;
    std::string contentRange;       ///< empty when whole
};

/// Opens the file and weighs Range, If-Range, If-None-Match and If-Modified-Since (H22).
/// Throws `NotFound` when there is no such regular file, HeaderedError (416) for a range beyond its end.
FileAnswer openFile(const FileReply& reply, const Request& request);

/// Exposed for tests: the single byte range of a Range header.
struct ByteRange {
    enum class Verdict { Whole, Part, Unsatisfiable } verdict = Verdict::Whole;
    std::uint64_t first = 0, last = 0;
};
/// Malformed and multiple ranges mean the whole file.
ByteRange parseRange(std::string_view header, std::uint64_t size);

} // namespace apbfarm::http

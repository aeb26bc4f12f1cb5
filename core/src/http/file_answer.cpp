// SPDX-License-Identifier: MIT
#include "http/file_answer.h"

#include "http/http_date.h"
#include "http/protocol_errors.h"
#include "util/text.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace apbfarm::http {

namespace {

/// Weak comparison with any of a list of quoted tags.
bool listsTag(std::string_view list, const std::string& etag)
{
    for (const auto& item : util::splitList(list, ',')) {
        std::string_view tag = item;
        if (tag == "*")
            return true;
        if (tag.substr(0, 2) == "W/")
            tag.remove_prefix(2);
        if (!etag.empty() && tag == '"' + etag + '"')
            return true;
    }
    return false;
}

bool isUnchanged(const FileReply& reply, const Request& request, std::time_t modified)
{
    if (const auto tags = request.header("If-None-Match"))
        return listsTag(*tags, reply.etag);
    const auto since = request.header("If-Modified-Since");
    const auto date = since ? parseHttpDate(*since) : std::nullopt;
    return date && modified <= *date;
}

/// A range of another version of the file would be spliced into what the client has.
bool mayBePartial(const FileReply& reply, const Request& request, std::time_t modified)
{
    const auto condition = request.header("If-Range");
    if (!condition)
        return true;
    if (!condition->empty() && condition->front() == '"')
        return !reply.etag.empty() && *condition == '"' + reply.etag + '"';
    return parseHttpDate(*condition) == modified;
}

util::UniqueFd openRegular(const std::string& path, struct stat& info)
{
    util::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file && errno != ENOENT && errno != ENOTDIR)
        throw std::system_error(errno, std::generic_category(), "cannot open a file that was to be sent");
    if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
        throw NotFound("The file does not exist.", "file_not_found", "File not found");
    return file;
}

void takePart(FileAnswer& answer, const ByteRange& range, std::uint64_t size)
{
    const auto total = "/" + std::to_string(size);
    if (range.verdict == ByteRange::Verdict::Unsatisfiable)
        throw HeaderedError(416, "range_not_satisfiable", "Range not satisfiable", "The range is beyond the file's end.",
                            "Content-Range", "bytes *" + total);
    if (range.verdict == ByteRange::Verdict::Whole)
        return;
    answer.status = 206;
    answer.at = range.first;
    answer.end = range.last + 1;
    answer.contentRange = "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + total;
}

} // namespace

ByteRange parseRange(std::string_view header, std::uint64_t size)
{
    constexpr std::string_view unit = "bytes=";
    const auto dash = header.find('-');
    if (header.substr(0, unit.size()) != unit || dash == std::string_view::npos)
        return {};
    const auto from = header.substr(unit.size(), dash - unit.size());
    const auto to = header.substr(dash + 1);
    const auto first = util::parseUnsigned(from), last = util::parseUnsigned(to);
    if ((!from.empty() && !first) || (!to.empty() && !last) || (from.empty() && to.empty()))
        return {};
    if (from.empty()) {
        if (*last == 0 || size == 0)
            return {ByteRange::Verdict::Unsatisfiable};
        return {ByteRange::Verdict::Part, size - std::min(*last, size), size - 1};
    }
    if (!to.empty() && *last < *first)
        return {};
    if (*first >= size)
        return {ByteRange::Verdict::Unsatisfiable};
    return {ByteRange::Verdict::Part, *first, to.empty() ? size - 1 : std::min(*last, size - 1)};
}

FileAnswer openFile(const FileReply& reply, const Request& request)
{
    struct stat info{};
    FileAnswer answer;
    answer.file = openRegular(reply.path, info);
    answer.end = static_cast<std::uint64_t>(info.st_size);
    answer.lastModified = httpDate(info.st_mtime);
    if (isUnchanged(reply, request, info.st_mtime)) {
        answer.status = 304;
        answer.end = 0;
        return answer;
    }
    const auto range = request.header("Range");
    if (range && !request.isHead() && mayBePartial(reply, request, info.st_mtime))
        takePart(answer, parseRange(*range, answer.end), answer.end);
    return answer;
}

} // namespace apbfarm::http

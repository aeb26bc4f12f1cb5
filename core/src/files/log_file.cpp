// SPDX-License-Identifier: MIT
#include "files/log_file.h"

#include "files/file_failure.h"
#include "util/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace apbfarm::files {

namespace {

constexpr std::uint64_t kLinesPerMark = 256;
constexpr std::size_t kReadStep = 64 << 10;
constexpr std::size_t kScanStep = 1 << 20;
constexpr std::string_view kLineCut = " [line cut by the farm]";
constexpr std::string_view kLogCut = "[log cut by the farm: it has reached its size limit]";
constexpr mode_t kSealedMode = 0400;

/// As many bytes as there are before `end`, up to the size of `buffer`.
std::string_view readAt(int descriptor, std::uint64_t offset, std::uint64_t end, std::string& buffer)
{
    const auto wanted = std::min<std::uint64_t>(buffer.size(), end - offset);
    ssize_t got;
    do
        got = ::pread(descriptor, buffer.data(), wanted, static_cast<off_t>(offset));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        failWith("cannot read a log", errno);
    return std::string_view(buffer).substr(0, static_cast<std::size_t>(got));
}

/// Collects lines out of pieces until there are enough.
class LineCollector {
public:
    LineCollector(std::uint64_t skip, std::size_t limit, std::size_t maxBytes)
        : skip_(skip), limit_(limit), maxBytes_(maxBytes)
    {
    }

    /// False when no more is wanted.
    bool feed(std::string_view piece)
    {
        while (!piece.empty() && lines_.size() < limit_ && bytes_ < maxBytes_) {
            const auto end = piece.find('\n');
            if (skip_ == 0)
                line_.append(piece.substr(0, end));
            if (end == piece.npos)
                return true;
            finishLine();
            piece.remove_prefix(end + 1);
        }
        return lines_.size() < limit_ && bytes_ < maxBytes_;
    }
    std::vector<std::string> take() { return std::move(lines_); }

private:
    void finishLine()
    {
        if (skip_ > 0) {
            --skip_;
            return;
        }
        bytes_ += line_.size() + 1;
        lines_.push_back(std::move(line_));
        line_.clear();
    }

    std::uint64_t skip_;
    std::size_t limit_, maxBytes_;
    std::size_t bytes_ = 0;
    std::string line_;
    std::vector<std::string> lines_;
};

} // namespace

LogFile::LogFile(std::filesystem::path file, LogLimits limits) : path_(std::move(file)), limits_(limits) {}

void LogFile::ensureOpen()
{
    {
        std::lock_guard lock(reading_);
        if (state_ != State::Unopened)
            return;
    }
    std::lock_guard writer(writing_);
    open();
}

/// With `writing_` held.
void LogFile::open()
{
    if (state_ != State::Unopened)
        return;
    util::UniqueFd file(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    // The owner may not write to a sealed log either, unless it is root.
    if (!file && errno == EACCES)
        file.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno != ENOENT)
        failWith("cannot open a log", errno);
    struct stat info {};
    if (file && ::fstat(file.get(), &info) != 0)
        failWith("cannot open a log", errno);
    if (file && !S_ISREG(info.st_mode))
        failWith("a log is not a regular file", EINVAL);
    if (!file) {
        std::lock_guard lock(reading_);
        state_ = State::Absent;
        return;
    }
    file_ = std::move(file);
    scan();
    std::lock_guard lock(reading_);
    state_ = (info.st_mode & S_IWUSR) ? State::Open : State::Sealed;
}

/// Finds the complete lines and takes off what a crash left of an incomplete one.
void LogFile::scan()
{
    Extent extent;
    std::string buffer(kScanStep, '\0');
    std::uint64_t offset = 0;
    for (;;) {
        const auto piece = readAt(file_.get(), offset, UINT64_MAX, buffer);
        if (piece.empty())
            break;
        extend(extent, piece);
        offset += piece.size();
    }
    // `bytes` counted the incomplete line too; the last mark tells nothing about it.
    const auto complete = offset - (extent.bytes - extent.marks.back());
    (void)complete;
    std::lock_guard lock(reading_);
    extent_ = std::move(extent);
}

} // namespace apbfarm::files

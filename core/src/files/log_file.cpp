// SPDX-License-Identifier: MIT
#include "files/log_file.h"

#include "util/durable_file.h"
#include "util/file_failure.h"

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
        util::failWith("cannot read a log", errno);
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

void LogFile::Extent::extend(std::uint64_t offset, std::string_view text)
{
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1)) {
        bytes = offset + end + 1;
        if (++lines % kLinesPerMark == 0)
            marks.push_back(bytes);
    }
}

LogFile::LogFile(std::filesystem::path file, LogLimits limits) : path_(std::move(file)), limits_(limits) {}

LogFile::State LogFile::state()
{
    std::lock_guard lock(reading_);
    return state_;
}

void LogFile::setState(State state)
{
    std::lock_guard lock(reading_);
    state_ = state;
}

LogFile::State LogFile::ensureOpen()
{
    if (const auto known = state(); known != State::Unopened)
        return known;
    std::lock_guard writer(writing_);
    open();
    return state_;
}

void LogFile::open()
{
    if (state_ != State::Unopened)
        return;
    util::UniqueFd file(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    // Unless it is root, the owner may not write to a sealed log.
    if (!file && errno == EACCES)
        file.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno != ENOENT)
        util::failWith("cannot open a log", errno);
    if (!file) {
        setState(State::Absent);
        return;
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
        util::failWith("a log is not a regular file", EINVAL);
    const bool sealed = (info.st_mode & S_IWUSR) == 0;
    file_ = std::move(file);
    scan(!sealed);
    setState(sealed ? State::Sealed : State::Open);
}

/// Finds the complete lines and takes off what a crash left of an incomplete one. After a power cut, what had not
/// reached the disk may read as zeros: no line has one, and nothing after it is sure.
void LogFile::scan(bool mayCut)
{
    Extent extent;
    std::string buffer(kScanStep, '\0');
    std::uint64_t offset = 0;
    for (auto piece = readAt(file_.get(), offset, UINT64_MAX, buffer); !piece.empty();
         piece = readAt(file_.get(), offset, UINT64_MAX, buffer)) {
        const auto hole = mayCut ? piece.find('\0') : std::string_view::npos;
        extent.extend(offset, piece.substr(0, hole));
        offset += piece.size();
        if (hole != std::string_view::npos)
            break;
    }
    if (mayCut && offset > extent.bytes && ::ftruncate(file_.get(), static_cast<off_t>(extent.bytes)) != 0)
        util::failWith("cannot repair a log", errno);
    std::lock_guard lock(reading_);
    extent_ = std::move(extent);
}

void LogFile::create()
{
    util::makePrivateDirectory(path_.parent_path());
    util::UniqueFd file(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file)
        util::failWith("cannot create a log", errno);
    std::lock_guard lock(reading_);
    file_ = std::move(file);
    state_ = State::Open;
}

std::uint64_t LogFile::append(std::uint64_t firstIndex, std::span<const std::string> lines)
{
    std::lock_guard writer(writing_);
    open();
    if (state_ == State::Broken)
        throw Unavailable("a log could not be written before", "storage_failed");
    const bool full = extent_.bytes >= limits_.totalBytes;
    if (state_ == State::Sealed || full || lines.empty() || firstIndex != extent_.lines)
        return extent_.lines;
    if (state_ == State::Absent)
        create();
    const auto text = textOf(lines);
    write(text);
    std::lock_guard lock(reading_);
    extent_.extend(extent_.bytes, text);
    return extent_.lines;
}

std::string LogFile::textOf(std::span<const std::string> lines) const
{
    std::string text;
    for (const auto& line : lines) {
        const auto start = text.size();
        text.append(line, 0, limits_.lineBytes);
        const auto begin = text.begin() + static_cast<std::ptrdiff_t>(start);
        std::replace_if(begin, text.end(), [](char c) { return c == '\n' || c == '\0'; }, ' ');
        text.append(line.size() > limits_.lineBytes ? kLineCut : std::string_view()).append(1, '\n');
        if (extent_.bytes + text.size() >= limits_.totalBytes) {
            text.append(kLogCut).append(1, '\n');
            break;
        }
    }
    return text;
}

void LogFile::write(std::string_view text)
{
    auto offset = extent_.bytes;
    while (!text.empty()) {
        const auto written = ::pwrite(file_.get(), text.data(), text.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            const int error = written < 0 ? errno : EIO;
            // A full disk may have taken a part; it must not be taken for lines later.
            if (::ftruncate(file_.get(), static_cast<off_t>(extent_.bytes)) != 0)
                setState(State::Broken);
            util::failWith("cannot write a log", error);
        }
        offset += static_cast<std::uint64_t>(written);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

LogFile::Place LogFile::placeOf(std::uint64_t start)
{
    ensureOpen();
    std::lock_guard lock(reading_);
    if (start >= extent_.lines)
        return {-1, 0, 0, 0, extent_.lines};
    return {file_.get(), extent_.marks[start / kLinesPerMark], start % kLinesPerMark, extent_.bytes, extent_.lines};
}

LogPage LogFile::read(std::uint64_t start, std::size_t limit, std::size_t maxBytes)
{
    auto place = placeOf(start);
    if (place.descriptor < 0 || limit == 0)
        return {{}, place.total};
    LineCollector collector(place.skip, limit, maxBytes);
    std::string buffer(kReadStep, '\0');
    while (place.offset < place.end) {
        const auto piece = readAt(place.descriptor, place.offset, place.end, buffer);
        place.offset += piece.size();
        if (piece.empty() || !collector.feed(piece))
            break;
    }
    return {collector.take(), place.total};
}

std::uint64_t LogFile::lineCount()
{
    return placeOf(UINT64_MAX).total;
}

bool LogFile::isSealed()
{
    return ensureOpen() == State::Sealed;
}

bool LogFile::isFull()
{
    ensureOpen();
    std::lock_guard lock(reading_);
    return extent_.bytes >= limits_.totalBytes;
}

void LogFile::seal()
{
    std::lock_guard writer(writing_);
    open();
    if (state_ == State::Absent)
        setState(State::Sealed);
    if (state_ == State::Sealed)
        return;
    // A failed sync must not be tried again: the system may have dropped the data (D9).
    const bool broken = state_ == State::Broken;
    // The lines first: a log that is sealed on the disk is whole there.
    if (broken || ::fdatasync(file_.get()) != 0 || ::fchmod(file_.get(), kSealedMode) != 0 || ::fsync(file_.get()) != 0) {
        const int error = broken ? EIO : errno;
        setState(State::Broken);
        util::failWith("cannot seal a log", error);
    }
    util::syncDirectory(path_.parent_path());
    util::syncDirectory(path_.parent_path().parent_path());
    setState(State::Sealed);
}

} // namespace apbfarm::files

// SPDX-License-Identifier: MIT
#include "files/log_store.h"

#include "util/durable_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace apbfarm::files {

namespace {

constexpr std::uint64_t kIndexStep = 256;     // lines between two remembered places
constexpr std::size_t kOpenLogs = 256;
constexpr std::size_t kPiece = 256 << 10;     // bytes of one read
constexpr std::size_t kPageBytes = 1 << 20;

std::string_view readAt(int file, std::string& buffer, std::uint64_t offset, std::uint64_t end)
{
    buffer.resize(std::min<std::uint64_t>(kPiece, end - offset));
    const auto got = ::pread(file, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0)
        throw Unavailable(std::string("A log cannot be read: ") + std::strerror(errno), "storage_failed");
    return std::string_view(buffer).substr(0, static_cast<std::size_t>(got));
}

void appendLine(std::string& out, std::string_view line)
{
    constexpr std::string_view cut = " [line cut]";
    const auto kept = line.size() > LogStore::kLongestLine ? line.substr(0, LogStore::kLongestLine) : line;
    const auto start = out.size();
    out.append(kept);
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), '\n', ' ');
    if (kept.size() < line.size())
        out.append(cut);
    out += '\n';
}

} // namespace

/// One open log and where its lines are.
class LogStore::Log {
public:
    explicit Log(util::UniqueFd file) : file_(std::move(file))
    {
        struct stat info {};
        ::fstat(file_.get(), &info);
        scan(static_cast<std::uint64_t>(info.st_size));
    }

    std::uint64_t append(std::uint64_t first, const std::vector<std::string>& lines)
    {
        // Only this log's own tail and readers meet here.
        std::lock_guard lock(mutex_);
        if (first != lines_ || size_ >= kLongestLog)
            return lines_;
        std::string bytes;
        std::vector<std::uint64_t> starts;
        for (const auto& line : lines) {
            if ((lines_ + starts.size()) % kIndexStep == 0)
                places_.push_back(size_ + bytes.size());
            starts.push_back(size_ + bytes.size());
            appendLine(bytes, line);
        }
        try {
            util::writeAll(file_.get(), bytes);
        } catch (...) {
            // Half a batch is no batch: back to what was there.
            places_.resize((lines_ + kIndexStep - 1) / kIndexStep);
            if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
                size_ = kLongestLog;
            throw;
        }
        size_ += bytes.size();
        lines_ += lines.size();
        return lines_;
    }

    LogPage read(std::uint64_t start, std::size_t limit)
    {
        LogPage page;
        std::uint64_t offset = 0, end = 0, line = 0;
        {
            std::lock_guard lock(mutex_);
            page.total = lines_;
            if (start >= lines_ || limit == 0)
                return page;
            line = start / kIndexStep * kIndexStep;
            offset = places_[start / kIndexStep];
            end = size_;
        }
        collect(page, line, start, limit, offset, end);
        return page;
    }

    std::uint64_t lineCount()
    {
        std::lock_guard lock(mutex_);
        return lines_;
    }

    void sync()
    {
        if (::fdatasync(file_.get()) != 0)
            throw Unavailable(std::string("A log cannot be synced: ") + std::strerror(errno), "storage_failed");
    }

private:
    void scan(std::uint64_t fileSize)
    {
        std::string buffer;
        std::uint64_t lineStart = 0;
        for (std::uint64_t offset = 0; offset < fileSize;) {
            const auto piece = readAt(file_.get(), buffer, offset, fileSize);
            if (piece.empty())
                break;
            for (auto at = piece.find('\n'); at != piece.npos; at = piece.find('\n', at + 1)) {
                if (lines_ % kIndexStep == 0)
                    places_.push_back(lineStart);
                ++lines_;
                lineStart = offset + at + 1;
            }
            offset += piece.size();
        }
        size_ = lineStart;
        if (size_ < fileSize && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
            throw Unavailable("A log cannot be repaired", "storage_failed");
        ::lseek(file_.get(), static_cast<off_t>(size_), SEEK_SET);
    }

    void collect(LogPage& page, std::uint64_t line, std::uint64_t start, std::size_t limit, std::uint64_t offset,
                 std::uint64_t end)
    {
        std::string buffer, current;
        std::size_t bytes = 0;
        while (offset < end) {
            auto piece = readAt(file_.get(), buffer, offset, end);
            if (piece.empty())
                return;
            offset += piece.size();
            for (auto at = piece.find('\n'); at != piece.npos; at = piece.find('\n')) {
                if (line >= start) {
                    current.append(piece.substr(0, at));
                    bytes += current.size() + 1;
                    page.lines.push_back(std::move(current));
                    current.clear();
                    if (page.lines.size() >= limit || bytes >= kPageBytes)
                        return;
                }
                ++line;
                piece.remove_prefix(at + 1);
            }
            if (line >= start)
                current.append(piece);
        }
    }

    util::UniqueFd file_;
    std::mutex mutex_;
    std::uint64_t size_ = 0;              // bytes of complete lines
    std::uint64_t lines_ = 0;
    std::vector<std::uint64_t> places_;   // where every kIndexStep-th line starts
};

LogStore::LogStore(std::filesystem::path root) : root_(std::move(root))
{
    util::makePrivateDirectory(root_);
}

LogStore::~LogStore() = default;

std::filesystem::path LogStore::path(const BuildId& build) const
{
    return root_ / build.substr(0, 2) / (build + ".log");
}

std::shared_ptr<LogStore::Log> LogStore::open(const BuildId& build, bool create)
{
    return cache_.with([&](Cache& cache) -> std::shared_ptr<Log> {
        if (const auto found = cache.index.find(build); found != cache.index.end()) {
            cache.recent.splice(cache.recent.begin(), cache.recent, found->second);
            return found->second->second;
        }
        const auto file = path(build);
        if (create)
            util::makePrivateDirectory(file.parent_path());
        util::UniqueFd descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600));
        if (!descriptor && errno == ENOENT && !create)
            return nullptr;
        if (!descriptor)
            throw Unavailable(std::string("A log cannot be opened: ") + std::strerror(errno), "storage_failed");
        cache.recent.emplace_front(build, std::make_shared<Log>(std::move(descriptor)));
        cache.index[build] = cache.recent.begin();
        // One that is in use stays, so that there are never two of the same log.
        for (auto last = std::prev(cache.recent.end()); cache.recent.size() > kOpenLogs && last != cache.recent.begin();) {
            const auto candidate = last--;
            if (candidate->second.use_count() == 1) {
                cache.index.erase(candidate->first);
                cache.recent.erase(candidate);
            }
        }
        return cache.recent.front().second;
    });
}

std::uint64_t LogStore::append(const BuildId& build, std::uint64_t first, const std::vector<std::string>& lines)
{
    return open(build, true)->append(first, lines);
}

LogPage LogStore::read(const BuildId& build, std::uint64_t start, std::size_t limit)
{
    const auto log = open(build, false);
    return log ? log->read(start, limit) : LogPage{};
}

std::uint64_t LogStore::lineCount(const BuildId& build)
{
    const auto log = open(build, false);
    return log ? log->lineCount() : 0;
}

void LogStore::seal(const BuildId& build)
{
    if (const auto log = open(build, false))
        log->sync();
}

} // namespace apbfarm::files

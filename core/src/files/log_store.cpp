// SPDX-License-Identifier: MIT
#include "files/log_store.h"

#include "util/durable_file.h"
#include "util/file_failure.h"
#include "util/secrets.h"

#include <algorithm>

namespace apbfarm::files {

namespace {

constexpr std::size_t kMaxPage = 8 << 20;   // bytes

} // namespace

LogStore::LogStore(std::filesystem::path root, LogLimits limits, std::size_t openFiles)
    : root_(std::move(root)), limits_(limits), openFiles_(openFiles)
{
    util::makePrivateDirectory(root_);
}

std::filesystem::path LogStore::path(const BuildId& build) const
{
    if (!util::isUuid(build))
        throw NotFound("There is no such build", "build_not_found");
    return root_ / build.substr(0, 2) / (build + ".log");
}

std::shared_ptr<LogFile> LogStore::file(const BuildId& build)
{
    const auto place = path(build);
    std::list<std::shared_ptr<LogFile>> closing;   // closed after the lock is gone
    return cache_.with([&](Cache& cache) {
        if (const auto known = cache.entries.find(build); known != cache.entries.end()) {
            cache.uses.splice(cache.uses.begin(), cache.uses, known->second.use);
            return known->second.file;
        }
        const auto log = std::make_shared<LogFile>(place, limits_);
        cache.uses.push_front(build);
        cache.entries.emplace(build, Entry{log, cache.uses.begin()});
        closing = evict(cache);
        return log;
    });
}

/// Only what nobody else holds: two objects for one file would not know of each other's lines.
std::list<std::shared_ptr<LogFile>> LogStore::evict(Cache& cache) const
{
    std::list<std::shared_ptr<LogFile>> closing;
    auto use = cache.uses.end();
    while (cache.entries.size() > openFiles_ && use != cache.uses.begin()) {
        --use;
        const auto entry = cache.entries.find(*use);
        if (entry->second.file.use_count() > 1)
            continue;
        closing.push_back(std::move(entry->second.file));
        cache.entries.erase(entry);
        use = cache.uses.erase(use);
    }
    return closing;
}

std::uint64_t LogStore::append(const BuildId& build, std::uint64_t firstIndex, std::span<const std::string> lines)
{
    return file(build)->append(firstIndex, lines);
}

LogPage LogStore::read(const BuildId& build, std::uint64_t startIndex, std::size_t limit)
{
    return file(build)->read(startIndex, limit, kMaxPage);
}

LogPage LogStore::tail(const BuildId& build, std::size_t count)
{
    const auto log = file(build);
    const auto total = log->lineCount();
    return log->read(total - std::min<std::uint64_t>(count, total), count, kMaxPage);
}

std::uint64_t LogStore::lineCount(const BuildId& build)
{
    return file(build)->lineCount();
}

void LogStore::seal(const BuildId& build)
{
    file(build)->seal();
}

bool LogStore::isSealed(const BuildId& build)
{
    return file(build)->isSealed();
}

bool LogStore::isFull(const BuildId& build)
{
    return file(build)->isFull();
}

void LogStore::remove(const BuildId& build)
{
    const auto place = path(build);
    if (::unlink(place.c_str()) != 0 && errno != ENOENT)
        util::failWith("cannot remove a log", errno);
    std::shared_ptr<LogFile> closing;
    cache_.with([&](Cache& cache) {
        if (const auto entry = cache.entries.find(build); entry != cache.entries.end()) {
            closing = std::move(entry->second.file);
            cache.uses.erase(entry->second.use);
            cache.entries.erase(entry);
        }
    });
}

} // namespace apbfarm::files

// SPDX-License-Identifier: MIT
#include "http/block_writer.h"

#include "http/spool_blocks.h"
#include "util/durable_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <utility>

namespace apbfarm::http {

namespace {

constexpr std::size_t kDirectUnit = 4096;
constexpr std::uint64_t kReserved = 64 << 20;   // at once: a slow client does not take the disk

std::string_view wholePages(std::string_view bytes)
{
    return bytes.substr(0, bytes.size() / kDirectUnit * kDirectUnit);
}

/// How much of the whole pages was written: less than all where the file system does not do that, or is full.
std::uint64_t writeDirect(int descriptor, std::span<const util::SharedBytes> blocks, std::uint64_t offset)
{
    std::array<iovec, SpoolBlocks::kCount> parts;
    const auto count = std::min(parts.size(), blocks.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto pages = wholePages(blocks[i].bytes);
        parts[i] = {const_cast<char*>(pages.data()), pages.size()};
    }
    const auto written = ::pwritev(descriptor, parts.data(), static_cast<int>(count), static_cast<off_t>(offset));
    return written > 0 && written % kDirectUnit == 0 ? static_cast<std::uint64_t>(written) : 0;
}

void putCached(int descriptor, std::string_view bytes, std::uint64_t offset)
{
    util::writeAllAt(descriptor, bytes, offset);
    ::sync_file_range(descriptor, static_cast<off64_t>(offset), static_cast<off64_t>(bytes.size()),
                      SYNC_FILE_RANGE_WRITE);
}

} // namespace

BlockWriter::BlockWriter(SpoolFile file, std::uint64_t expected, WorkerPool& writers)
    : file_(std::move(file)),
      direct_(::open(("/proc/self/fd/" + std::to_string(file_.descriptor())).c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC)),
      expected_(expected), writers_(writers)
{
}

void BlockWriter::append(util::SharedBytes block)
{
    std::function<void()> job;
    {
        std::lock_guard lock(mutex_);
        if (failure_)
            std::rethrow_exception(failure_);
        // Made first: what is said to run and has no memory to do so would be waited for without end.
        if (!running_)
            job = [self = shared_from_this()] { self->run(); };
        waiting_.push_back(std::move(block));
        if (running_)
            return;
        running_ = true;
    }
    if (writers_.submit(std::move(job)))
        return;
    Blocks unwanted;
    std::lock_guard lock(mutex_);
    running_ = false;
    unwanted.swap(waiting_);
    throw Unavailable("Uploads cannot be stored at the moment.", "spool_unavailable");
}

void BlockWriter::check() const
{
    std::lock_guard lock(mutex_);
    if (failure_)
        std::rethrow_exception(failure_);
}

void BlockWriter::settle()
{
    {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return !running_; });
        if (failure_)
            std::rethrow_exception(failure_);
    }
    if (::ftruncate(file_.descriptor(), static_cast<off_t>(written_)) != 0)
        throw Unavailable(std::string("cannot end an upload: ") + std::strerror(errno), "storage_failed");
}

void BlockWriter::run()
{
    Blocks blocks;
    std::unique_lock lock(mutex_);
    while (!waiting_.empty() && !failure_) {
        blocks.swap(waiting_);
        lock.unlock();
        std::exception_ptr failure;
        try {
            put(blocks);
        } catch (...) {
            failure = std::current_exception();
        }
        blocks.clear();
        lock.lock();
        failure_ = failure;
    }
    waiting_.swap(blocks);
    running_ = false;
    done_.notify_all();
}

// The end of the file moves once for many writes. Where that is not possible, or the disk is full, the writes will tell.
void BlockWriter::reserve(std::uint64_t end)
{
    if (!direct_ || end <= reserved_ || expected_ <= reserved_)
        return;
    const auto more = std::min(std::max(end - reserved_, kReserved), expected_ - reserved_);
    ::fallocate(file_.descriptor(), 0, static_cast<off_t>(reserved_), static_cast<off_t>(more));
    reserved_ += more;
}

// What cannot be written directly, as the few bytes after the last whole page, goes the usual way, which also tells why
// nothing can be written at all.
void BlockWriter::put(const Blocks& blocks)
{
    const auto start = written_;
    for (const auto& block : blocks)
        written_ += block.bytes.size();
    reserve(written_);
    auto done = direct_ ? writeDirect(direct_.get(), blocks, start) : 0;
    auto at = start;
    for (const auto& block : blocks) {
        const auto known = std::min<std::uint64_t>(done, block.bytes.size());
        if (const auto rest = block.bytes.substr(known); !rest.empty())
            putCached(file_.descriptor(), rest, at + known);
        done -= known;
        at += block.bytes.size();
    }
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/block_writer.h"

#include "util/durable_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace apbfarm::http {

namespace {

constexpr std::size_t kDirectUnit = 4096;
constexpr std::uint64_t kReserved = 64 << 20;   // at once: a slow client does not take the disk

/// How much of it was written: less than all where the file system does not do that, or is full.
std::size_t writeDirect(int descriptor, std::string_view bytes, std::uint64_t offset)
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto written = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                                      static_cast<off_t>(offset + done));
        if (written <= 0 || written % kDirectUnit != 0)
            break;
        done += static_cast<std::size_t>(written);
    }
    return done;
}

} // namespace

BlockWriter::BlockWriter(SpoolFile file, std::uint64_t expected, WorkerPool& writers)
    : file_(std::move(file)),
      direct_(::open(("/proc/self/fd/" + std::to_string(file_.descriptor())).c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC)),
      expected_(expected), writers_(writers)
{
}

void BlockWriter::write(util::SharedBytes block, std::uint64_t offset)
{
    // Made first: a write that is counted and has no memory to run would be waited for without end.
    std::function<void()> job = [self = shared_from_this(), block = std::move(block), offset] {
        self->run(block, offset);
    };
    {
        std::lock_guard lock(mutex_);
        if (failure_)
            std::rethrow_exception(failure_);
        ++running_;
        size_ = std::max(size_, offset + block.bytes.size());
    }
    if (writers_.submit(std::move(job)))
        return;
    std::lock_guard lock(mutex_);
    --running_;
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
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    if (failure_)
        std::rethrow_exception(failure_);
    const auto size = size_;
    lock.unlock();
    if (::ftruncate(file_.descriptor(), static_cast<off_t>(size)) != 0)
        throw Unavailable(std::string("cannot end an upload: ") + std::strerror(errno), "storage_failed");
}

void BlockWriter::run(const util::SharedBytes& block, std::uint64_t offset)
{
    std::exception_ptr failure;
    try {
        if (offset % kReserved == 0)
            reserve(offset);
        put(block.bytes, offset);
    } catch (...) {
        failure = std::current_exception();
    }
    std::lock_guard lock(mutex_);
    if (failure && !failure_)
        failure_ = failure;
    if (--running_ == 0)
        done_.notify_all();
}

// Within what is reserved several writes run at once; those that make a file longer wait for each other. Where that is
// not possible, or the disk is full, the writes will tell.
void BlockWriter::reserve(std::uint64_t offset) const
{
    if (direct_ && expected_ > offset)
        ::fallocate(file_.descriptor(), 0, static_cast<off_t>(offset),
                    static_cast<off_t>(std::min(expected_ - offset, kReserved)));
}

// What cannot be written directly, as the few bytes after the last whole page, goes the usual way, which also tells why
// nothing can be written at all.
void BlockWriter::put(std::string_view bytes, std::uint64_t offset) const
{
    if (direct_) {
        const auto done = writeDirect(direct_.get(), bytes.substr(0, bytes.size() / kDirectUnit * kDirectUnit), offset);
        bytes.remove_prefix(done);
        offset += done;
    }
    if (bytes.empty())
        return;
    util::writeAllAt(file_.descriptor(), bytes, offset);
    ::sync_file_range(file_.descriptor(), static_cast<off64_t>(offset), static_cast<off64_t>(bytes.size()),
                      SYNC_FILE_RANGE_WRITE);
}

} // namespace apbfarm::http

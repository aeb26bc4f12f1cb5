// SPDX-License-Identifier: MIT
#pragma once

#include "http/spool_file.h"
#include "http/worker_pool.h"
#include "util/shared_bytes.h"
#include "util/unique_fd.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>

namespace apbfarm::http {

/// Writes a large file in blocks, by other threads and past the page cache where the file system lets it: that takes a
/// tenth of the processor's time, and little is left to sync. Lives as long as one of its writes runs. Thread-safe.
class BlockWriter : public std::enable_shared_from_this<BlockWriter> {
public:
    /// `expected`: bytes, at most so many will come. `writers` must outlive all writes.
    BlockWriter(SpoolFile file, std::uint64_t expected, WorkerPool& writers);

    int descriptor() const { return file_.descriptor(); }

    /// Does not wait. `offset` is a multiple of the page, as the start of the bytes is, which have an owner. Throws what
    /// an earlier write has thrown, or `Unavailable`.
    void write(util::SharedBytes block, std::uint64_t offset);
    /// Throws what a write has thrown so far.
    void check() const;
    /// Waits until all is written, and the file has the size of that. Throws what a write has thrown: `StorageFull` or
    /// `Unavailable`.
    void settle();

private:
    void run(const util::SharedBytes& block, std::uint64_t offset);
    void reserve(std::uint64_t offset) const;
    void put(std::string_view bytes, std::uint64_t offset) const;

    SpoolFile file_;
    util::UniqueFd direct_;   ///< the same file; empty when it cannot be written past the page cache
    const std::uint64_t expected_;
    WorkerPool& writers_;
    mutable std::mutex mutex_;
    std::condition_variable done_;
    std::size_t running_ = 0;
    std::uint64_t size_ = 0;  ///< up to the end of the last block
    std::exception_ptr failure_;
};

} // namespace apbfarm::http

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
#include <vector>

namespace apbfarm::http {

/// Writes a large file in blocks, by another thread and past the page cache where the file system lets it: that takes a
/// tenth of the processor's time, and little is left to sync. What came while it wrote goes in one write, so that a slow
/// disk gets larger ones. Lives until what it has is written. Thread-safe.
class BlockWriter : public std::enable_shared_from_this<BlockWriter> {
public:
    /// `expected`: bytes, at most so many will come. `writers` must outlive all writes.
    BlockWriter(SpoolFile file, std::uint64_t expected, WorkerPool& writers);

    int descriptor() const { return file_.descriptor(); }

    /// Behind what came before; does not wait. The block begins at a page and has an owner; each but the last is whole
    /// pages. Throws what an earlier write has thrown, or `Unavailable`.
    void append(util::SharedBytes block);
    /// Throws what a write has thrown so far.
    void check() const;
    /// Waits until all is written, and the file has the size of that. Throws what a write has thrown: `StorageFull` or
    /// `Unavailable`.
    void settle();

private:
    using Blocks = std::vector<util::SharedBytes>;

    void run();
    void reserve(std::uint64_t end);
    void put(const Blocks& blocks);

    SpoolFile file_;
    util::UniqueFd direct_;       ///< the same file; empty when it cannot be written past the page cache
    const std::uint64_t expected_;
    WorkerPool& writers_;
    std::uint64_t written_ = 0;   ///< bytes; these two are the writing thread's
    std::uint64_t reserved_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable done_;
    Blocks waiting_;
    bool running_ = false;
    std::exception_ptr failure_;
};

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace apbfarm::http {

/// The memory that one large file arrives in: a few blocks that go round between the socket and those who use the
/// bytes. Thread-safe.
class SpoolBlocks : public std::enable_shared_from_this<SpoolBlocks> {
public:
    static constexpr std::size_t kSize = 2 << 20;   ///< bytes of a block, which begins at a page
    static constexpr std::size_t kCount = 8;

    /// Throws std::bad_alloc.
    static std::shared_ptr<SpoolBlocks> make();
    ~SpoolBlocks();
    SpoolBlocks(const SpoolBlocks&) = delete;
    SpoolBlocks& operator=(const SpoolBlocks&) = delete;

    /// Empty when all are in use. A block comes back when its last owner, on any thread, lets go of it.
    std::shared_ptr<char> take();
    std::size_t available() const;
    /// Calls `call` once when at least that many are available: at once, or on the thread that gives one back. It must
    /// not block. Replaces what an earlier call asked for.
    void whenAvailable(std::size_t count, std::function<void()> call);

private:
    SpoolBlocks();
    void giveBack(char* block);

    mutable std::mutex mutex_;
    void* mapped_;
    std::vector<char*> free_;   ///< the last one given back is the first to be used, as a cache may know it
    std::size_t wanted_ = 0;
    std::function<void()> call_;
};

} // namespace apbfarm::http

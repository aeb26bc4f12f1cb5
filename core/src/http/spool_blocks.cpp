// SPDX-License-Identifier: MIT
#include "http/spool_blocks.h"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace apbfarm::http {

namespace {

constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kMapped = SpoolBlocks::kSize * SpoolBlocks::kCount + kHugePage;

} // namespace

std::shared_ptr<SpoolBlocks> SpoolBlocks::make()
{
    return std::shared_ptr<SpoolBlocks>(new SpoolBlocks);
}

// Mapped, so that all of it goes back to the system afterwards; what is not touched costs nothing. Huge pages spare the
// kernel the work of finding 256 small ones for each block that it writes.
SpoolBlocks::SpoolBlocks()
{
    free_.reserve(kCount);
    mapped_ = ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped_ == MAP_FAILED)
        throw std::bad_alloc();
    void* memory = mapped_;
    auto space = kMapped;
    std::align(kHugePage, kSize * kCount, memory, space);
    ::madvise(memory, kSize * kCount, MADV_HUGEPAGE);
    for (auto i = kCount; i-- > 0;)
        free_.push_back(static_cast<char*>(memory) + i * kSize);
}

SpoolBlocks::~SpoolBlocks()
{
    ::munmap(mapped_, kMapped);
}

std::shared_ptr<char> SpoolBlocks::take()
{
    char* block = nullptr;
    {
        std::lock_guard lock(mutex_);
        if (free_.empty())
            return {};
        block = free_.back();
        free_.pop_back();
    }
    return {block, [self = shared_from_this()](char* done) { self->giveBack(done); }};
}

std::size_t SpoolBlocks::available() const
{
    std::lock_guard lock(mutex_);
    return free_.size();
}

void SpoolBlocks::whenAvailable(std::size_t count, std::function<void()> call)
{
    {
        std::lock_guard lock(mutex_);
        wanted_ = count;
        if (free_.size() < count) {
            call_ = std::move(call);
            return;
        }
    }
    call();
}

void SpoolBlocks::giveBack(char* block)
{
    std::function<void()> call;
    {
        std::lock_guard lock(mutex_);
        free_.push_back(block);
        if (free_.size() >= wanted_)
            call.swap(call_);
    }
    if (call)
        call();
}

} // namespace apbfarm::http

// SPDX-License-Identifier: MIT
#include "http/spool_blocks.h"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace apbfarm::http {

std::shared_ptr<SpoolBlocks> SpoolBlocks::make()
{
    return std::shared_ptr<SpoolBlocks>(new SpoolBlocks);
}

// Mapped, so that all of it goes back to the system afterwards; what is not touched costs nothing.
SpoolBlocks::SpoolBlocks()
{
    free_.reserve(kCount);
    void* const mapped = ::mmap(nullptr, kSize * kCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        throw std::bad_alloc();
    memory_ = static_cast<char*>(mapped);
    for (auto i = kCount; i-- > 0;)
        free_.push_back(memory_ + i * kSize);
}

SpoolBlocks::~SpoolBlocks()
{
    ::munmap(memory_, kSize * kCount);
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

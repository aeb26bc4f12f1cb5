// SPDX-License-Identifier: MIT
#include "support/short_memory.h"

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

struct Shortage {
    long before = 0;   ///< allocations that still succeed
    long times = 0;
    long failed = 0;

    bool strikes() noexcept
    {
        if (times <= failed)
            return false;
        if (before > 0) {
            --before;
            return false;
        }
        ++failed;
        return true;
    }
};

thread_local constinit Shortage shortage;

} // namespace

void apbfarm::test::failAllocations(long first, long times)
{
    shortage = {first - 1, times, 0};
}

long apbfarm::test::endFailing()
{
    return std::exchange(shortage, {}).failed;
}

// Those for arrays and for other alignments stay the library's: each has a delete of its own there.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return shortage.strikes() ? nullptr : std::malloc(size > 0 ? size : 1);
}

void* operator new(std::size_t size)
{
    void* const memory = operator new(size, std::nothrow);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}

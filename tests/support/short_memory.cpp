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

void* operator new(std::size_t size)
{
    void* const memory = shortage.strikes() ? nullptr : std::malloc(size > 0 ? size : 1);
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

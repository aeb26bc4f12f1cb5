// SPDX-License-Identifier: MIT
#include "support/short_memory.h"

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

using apbfarm::test::Lacking;

struct Shortage {
    long before = 0;   ///< allocations that still succeed
    long times = 0;
    Lacking kind = Lacking::New;
    long failed = 0;

    bool strikes(Lacking here) noexcept
    {
        if (times <= failed || here != kind)
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

#ifdef APB_FARM_SANITIZED
constexpr bool kSanitized = true;    // malloc is the sanitizer's
#else
constexpr bool kSanitized = false;
#endif

} // namespace

void apbfarm::test::failAllocations(long first, long times, Lacking kind)
{
    shortage = {first - 1, times, kSanitized ? Lacking::New : kind};
}

long apbfarm::test::endFailing()
{
    return std::exchange(shortage, {}).failed;
}

#ifndef APB_FARM_SANITIZED
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size)
{
    return shortage.strikes(Lacking::Everything) ? nullptr : __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size)
{
    return shortage.strikes(Lacking::Everything) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size)
{
    return shortage.strikes(Lacking::Everything) ? nullptr : __libc_realloc(old, size);
}
}
#endif

// Those for arrays and for other alignments stay the library's: each has a delete of its own there.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return shortage.strikes(Lacking::New) ? nullptr : std::malloc(size > 0 ? size : 1);
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

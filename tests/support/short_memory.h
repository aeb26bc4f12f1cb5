// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <limits>

namespace apbfarm::test {

inline constexpr long kWithoutEnd = std::numeric_limits<long>::max();

enum class Lacking {
    New,           ///< operator new
    Everything     ///< also what C libraries take; under a sanitizer the same as `New`
};

/// Allocations fail on this thread, and on no other: from the number `first` on, counted from now, `times` times.
/// For programs that link `short-memory`.
void failAllocations(long first, long times = 1, Lacking kind = Lacking::New);
/// From now on there is memory again. How many allocations failed.
long endFailing();

/// Runs `work` like that and swallows what it throws. False when memory sufficed.
template <class Work> bool lacking(long first, Work work, long times = 1, Lacking kind = Lacking::New)
{
    failAllocations(first, times, kind);
    try {
        work();
    } catch (const std::exception&) {
        // What is left behind is the question, not what is thrown.
    }
    return endFailing() > 0;
}

} // namespace apbfarm::test

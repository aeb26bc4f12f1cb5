// SPDX-License-Identifier: MIT
#pragma once

#include <new>

namespace apbfarm::util {

/// Around what a C library makes and, without memory, does not: throws std::bad_alloc instead of returning nothing.
template <class Pointer> Pointer orBadAlloc(Pointer pointer)
{
    if (!pointer)
        throw std::bad_alloc();
    return pointer;
}

} // namespace apbfarm::util

// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/calls.h"

#include <dlfcn.h>
#include <execinfo.h>

namespace apbfarm::proofs::failing {

/// Calls of this thread are the injector's own.
inline thread_local bool inside = false;

/// Where what is at that address begins in memory.
inline const char* libraryOf(void* address)
{
    dl_find_object object{};
    return ::_dl_find_object(address, &object) == 0 ? static_cast<const char*>(object.dlfo_map_start) : nullptr;
}

/// The same wherever the libraries lie in memory. Frames further out than these tell nothing of how an error is handled.
inline std::uint64_t placeOf(Call call)
{
    constexpr int kFrames = 14;
    inside = true;
    void* frames[kFrames];
    const int depth = ::backtrace(frames, kFrames);
    inside = false;
    const auto* const injector = libraryOf(frames[0]);
    std::uint64_t hash = static_cast<std::uint64_t>(call) + 1;
    for (int i = 1; i < depth; ++i) {
        const auto* const library = libraryOf(frames[i]);
        if (library == injector)
            continue;
        hash = (hash ^ static_cast<std::uint64_t>(static_cast<char*>(frames[i]) - library)) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    return hash;
}

/// `phase`: as `Control::recording` has it.
inline void record(Control& control, Call call, std::uint32_t phase)
{
    const auto id = placeOf(call);
    for (std::size_t i = 0; i < kPlaces; ++i) {
        auto& place = control.places[(id + i) % kPlaces];
        std::uint64_t expected = 0;
        if (place.id.compare_exchange_strong(expected, id)) {
            place.call = static_cast<std::uint32_t>(call);
            place.phase = phase - 1;
            return;
        }
        if (expected == id && place.phase == phase - 1)
            return;
    }
}

}

// SPDX-License-Identifier: MIT
#include "http/needle_finder.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace apbfarm::http {

namespace {

// A page: beyond the one that it reads the processor fetches nothing by itself of what the kernel has just copied.
constexpr std::size_t kAhead = 4096;

/// Most pairs have a slot of their own; who shares one only asks memmem in vain.
std::size_t slotOf(const char* pair)
{
    std::uint16_t bytes;
    std::memcpy(&bytes, pair, sizeof bytes);
    return bytes * 0x9E3779B1u >> (32 - NeedleFinder::kSlotBits);
}

} // namespace

NeedleFinder::NeedleFinder(std::string needle) : needle_(std::move(needle))
{
    for (std::size_t at = 0; at + 1 < needle_.size(); ++at)
        pairs_.set(slotOf(needle_.data() + at));
}

std::size_t NeedleFinder::in(std::string_view bytes) const
{
    const auto distance = needle_.size() - 1;   // so many pairs has the needle
    for (auto at = distance - 1; at + 1 < bytes.size(); at += distance) {
        __builtin_prefetch(bytes.data() + at + kAhead);
        if (!pairs_[slotOf(bytes.data() + at)])
            continue;
        const auto around = bytes.substr(at + 1 - distance, 2 * distance);
        if (const void* hit = ::memmem(around.data(), around.size(), needle_.data(), needle_.size()))
            return static_cast<std::size_t>(static_cast<const char*>(hit) - bytes.data());
    }
    return std::string_view::npos;
}

} // namespace apbfarm::http

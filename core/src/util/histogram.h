// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace apbfarm::util {

/// Counts durations in fixed ranges, from a quarter of a millisecond to half a minute. Lock-free; any thread.
class Histogram {
public:
    void add(std::chrono::microseconds duration) noexcept
    {
        std::size_t range = 0;
        while (range < kBounds.size() && duration > kBounds[range])
            ++range;
        counts_[range].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(duration.count(), std::memory_order_relaxed);
    }

    struct Snapshot {
        /// How many took at most so long: each contains those before it.
        std::vector<std::pair<std::chrono::microseconds, std::uint64_t>> within;
        std::uint64_t count = 0;
        std::chrono::microseconds sum{0};
    };
    Snapshot snapshot() const
    {
        Snapshot all;
        for (std::size_t range = 0; range < kBounds.size(); ++range) {
            all.count += counts_[range].load(std::memory_order_relaxed);
            all.within.emplace_back(kBounds[range], all.count);
        }
        all.count += counts_.back().load(std::memory_order_relaxed);
        all.sum = std::chrono::microseconds(sum_.load(std::memory_order_relaxed));
        return all;
    }

private:
    static constexpr std::array<std::chrono::microseconds, 14> kBounds = [] {
        std::array<std::chrono::microseconds, 14> bounds{};
        const std::array<int, 14> values{250,     1000,    2500,      5000,      10'000,    25'000,     50'000,
                                         100'000, 250'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};
        for (std::size_t i = 0; i < values.size(); ++i)
            bounds[i] = std::chrono::microseconds(values[i]);
        return bounds;
    }();

    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
    std::atomic<std::int64_t> sum_{0};   // microseconds
};

} // namespace apbfarm::util

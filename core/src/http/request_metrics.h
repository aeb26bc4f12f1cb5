// SPDX-License-Identifier: MIT
#pragma once

#include "http/router.h"
#include "util/histogram.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace apbfarm::http {

/// Counts answers by route and status, and how long they took. Adding is lock-free and allocates nothing.
class RequestMetrics {
public:
    /// Reads the routes once; they must not change afterwards and outlive this.
    explicit RequestMetrics(const Router& router);

    /// `route` is null when no route was found.
    void add(const Route* route, int status, std::chrono::microseconds duration) noexcept;

    struct RouteReport {
        const Route* route = nullptr;                            ///< null: no such route
        std::vector<std::pair<int, std::uint64_t>> statuses;     ///< those that were sent; 0: any other
        util::Histogram::Snapshot durations;
    };
    /// Routes that were asked for, in the order of declaration, the unknown ones last.
    std::vector<RouteReport> report() const;

private:
    static constexpr std::array<int, 23> kStatuses{0,   200, 201, 204, 206, 303, 304, 400, 401, 403, 404, 405,
                                                   408, 409, 413, 415, 416, 417, 429, 431, 500, 503, 507};
    struct Slot {
        std::array<std::atomic<std::uint64_t>, kStatuses.size()> statuses{};
        util::Histogram durations;
    };

    static RouteReport reportOf(const Route* route, const Slot& slot);

    std::vector<const Route*> order_;
    std::unordered_map<const Route*, std::unique_ptr<Slot>> slots_;   // null key: no such route; filled once
};

} // namespace apbfarm::http

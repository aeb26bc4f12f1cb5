// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <cstdint>
#include <span>
#include <string>

namespace apbfarm::sim {
class Disk;
}

namespace apbfarm::files {

/// Stands for the farm's own: what the lanes need of it, on the simulated disk.
class LogStore {
public:
    explicit LogStore(sim::Disk& disk) : disk_(disk) {}

    std::uint64_t append(const BuildId& build, std::uint64_t firstIndex, std::span<const std::string> lines);
    std::uint64_t lineCount(const BuildId& build);
    void seal(const BuildId& build);

private:
    sim::Disk& disk_;
};

} // namespace apbfarm::files

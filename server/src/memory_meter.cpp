// SPDX-License-Identifier: MIT
#include "memory_meter.h"

#include "process_table.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace apbfarm::server {

namespace {

constexpr std::chrono::seconds kPause{1};

/// Bytes of a process that belong to no file; 0 when it is gone.
std::uint64_t anonymousMemory(pid_t process)
{
    std::uint64_t size = 0, resident = 0, ofFiles = 0;
    std::ifstream("/proc/" + std::to_string(process) + "/statm") >> size >> resident >> ofFiles;
    return (resident - std::min(resident, ofFiles)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

void MemoryMeter::look(util::Instant now)
{
    if (now < next_)
        return;
    next_ = now + kPause;
    const auto children = childrenOfAll();
    std::uint64_t sum = 0;
    std::vector<pid_t> open{root_};   // each has one parent, so nobody comes into it twice
    for (std::size_t i = 0; i < open.size(); ++i) {
        sum += anonymousMemory(open[i]);
        const auto [first, last] = children.equal_range(open[i]);
        for (auto child = first; child != last; ++child)
            open.push_back(child->second);
    }
    peak_ = std::max(peak_, sum);
}

} // namespace apbfarm::server

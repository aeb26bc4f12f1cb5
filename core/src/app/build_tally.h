// SPDX-License-Identifier: MIT
#pragma once

#include "util/guarded.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace apbfarm::app {

/// How many builds became final since the start, by status and architecture. Thread-safe.
class BuildTally {
public:
    using Counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

    void concluded(const Build& build)
    {
        counts_.with([&](Counts& counts) {
            ++counts[{std::string(toText(statusOf(build.state))), build.architecture}];
        });
    }
    Counts counts() const { return counts_.copy(); }

private:
    util::Guarded<Counts> counts_;
};

} // namespace apbfarm::app

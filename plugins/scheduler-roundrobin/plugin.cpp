// SPDX-License-Identifier: MIT
#include <apbfarm/plugin.h>

#include <algorithm>
#include <map>

namespace {

using namespace apbfarm;

/// Whoever waited longest for a build of that architecture gets the next one.
class RoundRobinScheduler final : public Scheduler {
public:
    Placement pick(const Build& build, std::span<const ServerSnapshot> candidates) override
    {
        auto& lastTurn = lastTurn_[build.architecture];
        const auto next = std::ranges::min_element(
            candidates, std::ranges::less{}, [&](const ServerSnapshot& server) { return lastTurn[server.id]; });
        if (next == candidates.end())
            return Placement::wait("waiting for a free server");
        lastTurn[next->id] = ++turn_;
        return Placement::on(next->id, "next in turn for " + build.architecture);
    }

private:
    std::map<std::string, std::map<ServerId, std::uint64_t>> lastTurn_;
    std::uint64_t turn_ = 0;
};

} // namespace

APB_FARM_PLUGIN("scheduler-roundrobin", "1.0.0")
{
    registry.add(Provider<Scheduler>{
        .name = "roundrobin",
        .summary = "Gives builds to the servers of an architecture in turn",
        .options = {},
        .create = [](ExtensionContext&) { return std::make_unique<RoundRobinScheduler>(); },
    });
}

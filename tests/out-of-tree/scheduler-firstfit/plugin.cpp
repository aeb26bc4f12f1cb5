// SPDX-License-Identifier: MIT
#include <apbfarm/plugin.h>

using namespace apbfarm;

class FirstFit final : public Scheduler {
public:
    Placement pick(const Build&, std::span<const ServerSnapshot> candidates) override
    {
        return Placement::on(candidates.front().id, "the first server of the list that has room");
    }
};

APB_FARM_PLUGIN("scheduler-firstfit", "1.0.0")
{
    registry.add(Provider<Scheduler>{
        .name = "firstfit",
        .summary = "Uses servers in the order of the configuration",
        .options = {},
        .create = [](ExtensionContext&) { return std::make_unique<FirstFit>(); },
    });
}

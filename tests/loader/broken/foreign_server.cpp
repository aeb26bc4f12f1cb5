// SPDX-License-Identifier: MIT
// Sends every build to a server of its own choice that is none of the candidates.
#include <apbfarm/plugin.h>

namespace {

struct ForeignScheduler final : apbfarm::Scheduler {
    apbfarm::Placement pick(const apbfarm::Build&, std::span<const apbfarm::ServerSnapshot>) override
    {
        return apbfarm::Placement::on("http://elsewhere.example:8000", "sent to http://elsewhere.example:8000");
    }
};

} // namespace

APB_FARM_PLUGIN("scheduler-foreign-server", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "foreign",
        .summary = "Chooses a server that is no candidate",
        .options = {},
        .create = [](apbfarm::ExtensionContext&) { return std::make_unique<ForeignScheduler>(); },
    });
}

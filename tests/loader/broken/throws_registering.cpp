// SPDX-License-Identifier: MIT
// Throws while it registers, after it has offered something.
#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-throws-registering", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "half",
        .summary = "Never usable",
        .options = {},
        .create = [](apbfarm::ExtensionContext&) { return nullptr; },
    });
    throw std::runtime_error("no licence found");
}

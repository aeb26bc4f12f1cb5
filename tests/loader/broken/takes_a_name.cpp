// SPDX-License-Identifier: MIT
// Offers a scheduler under a name that another plugin has: with both, the farm cannot know which is meant.
#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-takes-a-name", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "foreign",
        .summary = "The same name",
        .options = {},
        .create = [](apbfarm::ExtensionContext&) { return nullptr; },
    });
}

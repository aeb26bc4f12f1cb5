// SPDX-License-Identifier: MIT
#include "least_load_scheduler.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-leastload", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "leastload",
        .summary = "Gives a build to the server with the least to do",
        .options =
            {
                {"queueWeight", "1.0", "What a build waiting on a server counts, compared with a running one",
                 apbfarm::OptionKind::Number, 0},
                {"degradedPenalty", "5", "Builds that a degraded server is taken to have more than it has",
                 apbfarm::OptionKind::Number, 0},
                {"buildrootPenalty", "20", "The same for a server that recreates its buildroot",
                 apbfarm::OptionKind::Number, 0},
            },
        .create = [](apbfarm::ExtensionContext& context) {
            return std::make_unique<leastload::LeastLoadScheduler>(context.config());
        },
    });
}

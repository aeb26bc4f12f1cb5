// SPDX-License-Identifier: MIT
#include "fit_scheduler.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-fit", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "fit",
        .summary = "Learns how long packages take and how fast servers are, and picks where a build is done first",
        .options =
            {
                {"longestHold", "600", "Seconds that a build waits at most for a faster server that is full; 0: never"},
                {"degradedFactor", "1.5", "A degraded server is expected to take so many times as long"},
                {"buildrootSeconds", "300", "A server that recreates its buildroot is expected to begin so much later"},
                {"forgetAfterDays", "14", "A server of which nothing was learned so long counts as new"},
                {"history", "2000", "Finished builds to learn from at the first start"},
                {"learnSeconds", "2", "Between two looks for builds that ended"},
            },
        .create = [](apbfarm::ExtensionContext& context) { return std::make_unique<fit::FitScheduler>(context); },
    });
}

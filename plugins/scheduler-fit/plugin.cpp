// SPDX-License-Identifier: MIT
#include "fit_scheduler.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-fit", "1.0.0")
{
    using Kind = apbfarm::OptionKind;
    registry.add(apbfarm::Provider<apbfarm::Scheduler>{
        .name = "fit",
        .summary = "Learns how long packages take, what memory they need and how fast servers are, and picks where a build is "
                   "done first",
        .options =
            {
                {"longestHold", "600", "Seconds that a build waits at most for a faster server that is full, or for memory; 0: never",
                 Kind::Number, 0, 86400},
                {"degradedFactor", "1.5", "A degraded server is expected to take so many times as long", Kind::Number, 1,
                 1000},
                {"buildrootSeconds", "300", "A server that recreates its buildroot is expected to begin so much later",
                 Kind::Number, 0, 86400},
                {"forgetAfterDays", "14", "A server of which nothing was learned so long counts as new", Kind::Number, 1,
                 3650},
                {"memoryShare", "0.9",
                 "Part of a server's memory that builds may be expected to need together; 0: memory does not matter",
                 Kind::Number, 0, 10},
                {"history", "2000", "Finished builds to learn from at the first start", Kind::Whole, 0, 1'000'000},
                {"learnSeconds", "2", "Between two looks for builds that ended", Kind::Number, 0.01, 3600},
            },
        .create = [](apbfarm::ExtensionContext& context) { return std::make_unique<fit::FitScheduler>(context); },
    });
}

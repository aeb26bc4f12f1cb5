// SPDX-License-Identifier: MIT
#include "fit_scheduler.h"

#include <apbfarm/errors.h>

#include <chrono>

namespace fit {

using namespace apbfarm;

namespace {

FitPolicy::Options readOptions(const OptionView& options)
{
    return {.degradedFactor = options.getDouble("degradedFactor"),
            .buildrootSeconds = options.getDouble("buildrootSeconds"),
            .longestHold = options.getDouble("longestHold"),
            .forgetAfter = options.getDouble("forgetAfterDays") * 86400,
            .memoryShare = options.getDouble("memoryShare")};
}

std::chrono::milliseconds intervalOf(const OptionView& options)
{
    return std::chrono::milliseconds(static_cast<long>(options.getDouble("learnSeconds") * 1000));
}

} // namespace

FitScheduler::FitScheduler(ExtensionContext& context)
    : policy_(readOptions(context.config())),
      learner_(policy_, context, intervalOf(context.config()), static_cast<int>(context.config().getInt("history")))
{
}

Placement FitScheduler::pick(const Build& build, std::span<const ServerSnapshot> candidates)
{
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    auto placement = policy_.with([&](FitPolicy& policy) { return policy.pick(build, candidates, now); });
    if (placement.server)
        learner_.follow(build.id);
    return placement;
}

} // namespace fit

// SPDX-License-Identifier: MIT
#include "fit_scheduler.h"

#include <apbfarm/errors.h>

#include <chrono>

namespace fit {

using namespace apbfarm;

namespace {

double within(const OptionView& options, const std::string& name, double least, double most)
{
    const auto value = options.getDouble(name);
    if (value < least || value > most)
        throw InvalidInput("scheduler.fit." + name + " must be between " + std::to_string(static_cast<long>(least)) + " and " +
                           std::to_string(static_cast<long>(most)));
    return value;
}

FitPolicy::Options readOptions(const OptionView& options)
{
    return {.degradedFactor = within(options, "degradedFactor", 1, 1000),
            .buildrootSeconds = within(options, "buildrootSeconds", 0, 86400),
            .longestHold = within(options, "longestHold", 0, 86400),
            .forgetAfter = within(options, "forgetAfterDays", 1, 3650) * 86400};
}

std::chrono::milliseconds intervalOf(const OptionView& options)
{
    return std::chrono::milliseconds(static_cast<long>(within(options, "learnSeconds", 0.01, 3600) * 1000));
}

} // namespace

FitScheduler::FitScheduler(ExtensionContext& context)
    : policy_(readOptions(context.config())),
      learner_(policy_, context, intervalOf(context.config()), static_cast<int>(within(context.config(), "history", 0, 1'000'000)))
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

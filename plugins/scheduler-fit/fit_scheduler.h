// SPDX-License-Identifier: MIT
#pragma once

#include "learner.h"

#include <apbfarm/context.h>
#include <apbfarm/scheduler.h>

namespace fit {

/// Asks the policy, and has what was placed followed to its end.
class FitScheduler final : public apbfarm::Scheduler {
public:
    /// Throws `InvalidInput` for an option that is out of range.
    explicit FitScheduler(apbfarm::ExtensionContext& context);

    apbfarm::Placement pick(const apbfarm::Build& build, std::span<const apbfarm::ServerSnapshot> candidates) override;

private:
    SharedPolicy policy_;
    Learner learner_;   // last: its thread uses the policy
};

} // namespace fit

// SPDX-License-Identifier: MIT
#include "fleet/server_health.h"

namespace apbfarm::fleet {

void HealthRecord::answered(std::string_view reported, std::string_view group)
{
    failures_ = 0;
    answering_ = true;
    const bool matches = group == "any" || reported.empty() || reported == group;
    health_ = matches ? ServerHealth::Healthy : ServerHealth::Misconfigured;
    reason_ = matches ? "" : "configured for " + std::string(group) + " but builds for " + std::string(reported);
}

void HealthRecord::failed(Fault fault, std::string why)
{
    ++failures_;
    answering_ = false;
    reason_ = std::move(why);
    if (failures_ >= kUnavailableAfter && fault != Fault::Busy)
        health_ = fault == Fault::Nonsense ? ServerHealth::Misconfigured : ServerHealth::Unavailable;
    else if (failures_ >= kDegradedAfter && failures_ < kUnavailableAfter)
        health_ = ServerHealth::Degraded;
    else if (failures_ == 1 && health_ == ServerHealth::Misconfigured)
        health_ = ServerHealth::Unknown;
}

void HealthRecord::refused(std::string why)
{
    answering_ = true;
    health_ = ServerHealth::Misconfigured;
    reason_ = std::move(why);
}

} // namespace apbfarm::fleet

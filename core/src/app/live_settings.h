// SPDX-License-Identifier: MIT
#pragma once

#include "api/admin_routes.h"
#include "app/farm_config.h"
#include "dispatch/build_flow.h"
#include "service/build_service.h"

#include <vector>

/// What parts of the farm are told by the configuration, at the start and whenever it is read again.
namespace apbfarm::app {

std::vector<fleet::ConfiguredServer> serversOf(const FarmConfig& config);
fleet::ClientOptions clientOptionsOf(const FarmConfig& config);
life::Policy policyOf(const FarmConfig& config);
service::SubmitLimits submitLimitsOf(const FarmConfig& config);
dispatch::BuildFlow::Settings flowSettingsOf(const FarmConfig& config);
api::MetricsReaders readersOf(MetricsAccess access);

} // namespace apbfarm::app

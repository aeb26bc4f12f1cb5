// SPDX-License-Identifier: MIT
#pragma once

#include "api/admin_routes.h"
#include "app/farm_config.h"
#include "dispatch/build_flow.h"
#include "fleet/server_secrets.h"
#include "service/build_service.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// What parts of the farm are told by the configuration, at the start and whenever it is read again.
namespace apbfarm::app {

std::vector<fleet::ConfiguredServer> serversOf(const FarmConfig& config);
/// Null when `server.secretsFile` is not set. `report` is told about changes of the file. Throws `InvalidInput`.
std::shared_ptr<fleet::ServerSecrets> serverSecretsOf(const FarmConfig& config,
                                                      std::function<void(const std::string&)> report);
fleet::ClientOptions clientOptionsOf(const FarmConfig& config, std::shared_ptr<fleet::ServerSecrets> secrets);
life::Policy policyOf(const FarmConfig& config);
service::SubmitLimits submitLimitsOf(const FarmConfig& config);
dispatch::BuildFlow::Settings flowSettingsOf(const FarmConfig& config,
                                             std::shared_ptr<fleet::ServerSecrets> secrets);
api::MetricsReaders readersOf(MetricsAccess access);

} // namespace apbfarm::app

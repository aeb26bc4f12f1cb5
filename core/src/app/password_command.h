// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"
#include "service/user_service.h"

#include <iosfwd>
#include <string>

namespace Poco {
class Logger;
}

namespace apbfarm::app {

/// Asks for a password, or reads it from standard input when that is no terminal, and gives it to an administrator:
/// through the farm when it is running, otherwise in its database. Throws `InvalidInput` for a password that is not
/// good enough, `Conflict` and `NotFound` as `UserService::resetAdministrator` does, `PluginError`, `Unavailable`.
void setAdminPassword(const FarmConfig& config, const std::string& username, Poco::Logger& logger, std::ostream& out);

/// The farm's side of it: takes a question that came through the control socket and gives the answer. Does not throw.
std::string answerCommand(const std::string& question, service::UserService& users);

} // namespace apbfarm::app

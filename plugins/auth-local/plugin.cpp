// SPDX-License-Identifier: MIT
#include "local_authenticator.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("auth-local", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Authenticator>{
        .name = "local",
        .summary = "Names and passwords of the farm's own accounts",
        .options =
            {
                {"iterations", "600000", "Rounds of PBKDF2 for new passwords", apbfarm::OptionKind::Whole,
                 local::kLeastIterations, local::kMostIterations},
                {"legacyFormat", "false", "Write passwords so that older farms can read the database (100000 rounds)",
                 apbfarm::OptionKind::Flag},
            },
        .create = [](apbfarm::ExtensionContext& context) {
            return std::make_unique<local::LocalAuthenticator>(context.storage().users(), context.config(),
                                                               context.logger());
        },
    });
}

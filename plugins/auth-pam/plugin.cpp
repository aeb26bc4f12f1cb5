// SPDX-License-Identifier: MIT
#include "pam_authenticator.h"

#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("auth-pam", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Authenticator>{
        .name = "pam",
        .summary = "People whom this machine knows, by PAM",
        .options =
            {
                {"service", "apb-farm", "Name of the PAM service: a file in /etc/pam.d"},
                {"directory", "", "Folder of that file, if it is another"},
                {"adminGroup", "", "Group of this machine whose members become administrators at their first log-in"},
                {"mailDomain", "", "New accounts get the address name@mailDomain; empty: none"},
                {"allowEmpty", "false", "Let PAM decide about an empty password, too", apbfarm::OptionKind::Flag},
            },
        .create = [](apbfarm::ExtensionContext& context) {
            return std::make_unique<pam::PamAuthenticator>(context.config(), context.logger());
        },
    });
}

// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_guard.h"

#include <apbfarm/authenticator.h>

#include <memory>

namespace apbfarm::plugin {

/// An authenticator that can only err towards "no" (G3): `Unavailable` passes, everything else that is thrown means
/// that nobody was recognised.
class GuardedAuthenticator final : public Authenticator {
public:
    GuardedAuthenticator(std::unique_ptr<Authenticator> inner, PluginGuard& guard);
    ~GuardedAuthenticator() override;

    std::optional<Identity> authenticate(const Credentials& credentials) override;
    /// Its `hash` throws `Unavailable` when the plugin fails.
    PasswordKeeper* passwords() override;

private:
    class Keeper;

    std::unique_ptr<Authenticator> inner_;
    PluginGuard& guard_;
    std::unique_ptr<Keeper> keeper_;   // null when the plugin has none
};

} // namespace apbfarm::plugin

// SPDX-License-Identifier: MIT
#pragma once

#include "password_hash.h"

#include <apbfarm/authenticator.h>
#include <apbfarm/context.h>
#include <apbfarm/storage.h>

#include <atomic>

namespace local {

/// Passwords of the farm's own accounts. What a good password is, is not decided here.
///
/// A try costs the same number of rounds whether the account is unknown, inactive, old or new (U4): what a stored
/// hash needs less is spent on a dummy.
///
/// A password counts in its composed form (U1). Older farms stored what was typed, so that is tried as well, where it
/// differs; a password that was stored that way is stored anew.
class LocalAuthenticator final : public apbfarm::Authenticator, private apbfarm::PasswordKeeper {
public:
    /// Throws `InvalidInput` when the number of iterations is out of bounds. All arguments outlive it.
    LocalAuthenticator(apbfarm::UserStore& users, const apbfarm::OptionView& options, Poco::Logger& logger);

    std::optional<apbfarm::Identity> authenticate(const apbfarm::Credentials& credentials) override;
    apbfarm::PasswordKeeper* passwords() override { return this; }

private:
    std::string hash(std::string_view password) override;

    enum class Match { None, Composed, AsTyped };

    Match check(const std::optional<PasswordHash>& stored, std::string_view password);
    bool checkOne(const std::optional<PasswordHash>& stored, std::string_view password);
    void upgrade(const apbfarm::User& user, const std::string& checked, std::string_view password);

    apbfarm::UserStore& users_;
    Poco::Logger& logger_;
    bool legacyFormat_;
    int iterations_;
    std::atomic<int> rounds_;          // what every try costs: the most that any hash has needed so far
};

} // namespace local

// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <optional>
#include <string>
#include <string_view>

namespace apbfarm {

/// A name and a password as typed, and where they came from.
struct Credentials {
    std::string_view username;
    std::string_view password;
    std::string_view clientAddress;
};

/// Who the credentials belong to. The farm makes an account for a name it does not know yet.
struct Identity {
    std::string username;
    std::string email;               ///< empty when the source knows none
    Role role = Role::User;          ///< used only when the account is made
};

/// Turns a password into what is stored. Only authenticators whose passwords live in the farm have one.
class APB_FARM_VISIBLE PasswordKeeper {
public:
    virtual ~PasswordKeeper() = default;

    /// The text for `UserStore::setPassword`. Salted: two calls differ. Slow on purpose.
    virtual std::string hash(std::string_view password) = 0;
};

/// Answers whose name and password these are. Tokens, roles and sessions are the farm's business.
///
/// Called from the authentication threads, several calls at once. May be slow (a directory, a key derivation):
/// at most half the cores do it at a time, and other requests do not wait for it.
class APB_FARM_VISIBLE Authenticator {
public:
    virtual ~Authenticator() = default;

    /// Empty when name or password are wrong; unknown and known names must take the same time.
    /// Throws `Unavailable` when the source cannot be asked. Any other exception counts as "no".
    virtual std::optional<Identity> authenticate(const Credentials& credentials) = 0;

    /// Null when passwords live elsewhere and cannot be set through the farm. Owned by the authenticator.
    virtual PasswordKeeper* passwords() { return nullptr; }
};

} // namespace apbfarm

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

/// Who the credentials belong to. The farm makes an account for a name it does not know yet; the account then belongs
/// to this authenticator and this subject, and nobody else is let into it.
struct Identity {
    std::string username;            ///< 3 to 50 of A-Z, a-z, 0-9 and '_'; the farm writes '_' for anything else
    std::string email;               ///< empty when the source knows none
    Role role = Role::User;          ///< used only when the account is made
    /// What of this person never changes and is never given to anybody else, an entryUUID for example. Empty: the name.
    std::string subject{};
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
/// Several can be chosen (`auth = local, ldap`); the farm asks them in that order until one recognises somebody. A name
/// that has an account is given only to the one that the account belongs to; the others are then asked about a name
/// that nobody has, and their answer does not count.
///
/// Called from the authentication threads, several calls at once. May be slow (a directory, a key derivation):
/// at most half the cores do it at a time, and other requests do not wait for it.
class APB_FARM_VISIBLE Authenticator {
public:
    virtual ~Authenticator() = default;

    /// Empty when the name is unknown or the password wrong, which must take the same time; the next one is asked.
    /// Throws `Unavailable` when the source cannot be asked: the next one is asked, and if nobody recognises the name,
    /// the log-in is answered with 503. Any other exception counts as empty.
    virtual std::optional<Identity> authenticate(const Credentials& credentials) = 0;

    /// Null when passwords live elsewhere and cannot be set through the farm. Owned by the authenticator. Of several
    /// authenticators at most one has it; accounts whose password is stored in the farm belong to that one.
    virtual PasswordKeeper* passwords() { return nullptr; }
};

} // namespace apbfarm

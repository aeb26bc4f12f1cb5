// SPDX-License-Identifier: MIT
#pragma once

#include "service/audit_trail.h"
#include "service/login_throttle.h"
#include "service/notification_service.h"
#include "service/password_pool.h"
#include "service/session_service.h"
#include "util/clock.h"

#include <apbfarm/authenticator.h>
#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::service {

/// An account as wished for, not checked yet. Empty e-mail: none.
struct NewAccount {
    std::string username;
    std::string password;
    std::string role = "user";
    std::string email;
};

struct PasswordChange {
    std::string current;
    std::string wanted;
    std::string confirmed;
};

/// Accounts: made, changed, deactivated. Thread-safe; calls block on the disk, and where a password is involved on
/// its hashing.
///
/// Every change is stored, counts for the sessions of its account (U7) and stands in the audit trail (I1) before the
/// call returns. Who may call what is decided by the routes. All throw `InvalidInput` for fields that are wrong and
/// `NotFound` ("user_not_found") for accounts that are unknown or deleted.
class UserService {
public:
    struct Parts {
        UserStore& users;
        AuditStore& audit;
        Authenticator& authenticator;   ///< the one whose passwords lie in the farm, if there is one
        PasswordPool& passwords;
        SessionService& sessions;
        NotificationService& notifications;
        const util::Clock& clock;
        bool requireEmail = false;   ///< accounts made from now on need an address, and none is taken away
    };

    explicit UserService(Parts parts) : parts_(parts), throttle_(parts.clock) {}

    /// Those that are not deleted, by time of creation.
    std::vector<User> list() { return parts_.users.list(false); }
    /// Deleted ones too.
    User find(UserId id);

    /// Throws `Conflict` ("passwords_elsewhere") when the authenticator does not keep its passwords in the farm.
    User create(const NewAccount& wanted, const Caller& caller);
    /// Deactivates it; its builds stay. Throws `InvalidInput` for one's own account.
    void remove(UserId id, const Caller& caller);
    /// Throws `Conflict` ("last_administrator", U11), as `remove` does.
    Role setRole(UserId id, const std::string& role, const Caller& caller);
    /// An empty text removes the address.
    void setEmail(UserId id, const std::string& email, const Caller& caller);
    void setNotifications(UserId id, bool wanted, const Caller& caller);
    /// Returns how many sessions were ended.
    int revokeTokens(UserId id, const Caller& caller);

    /// Why the farm cannot change the password of that account, and where it is changed; empty when it can.
    std::string passwordKeptElsewhere(UserId id);
    /// Of the caller. All its other sessions end. Throws `TooMany` after several wrong guesses, `Conflict` when
    /// passwords are kept elsewhere or somebody else was faster.
    void changePassword(const PasswordChange& change, const Caller& caller);

    /// For the operator of the machine. Reactivates an administrator's account, gives it the password and ends all its
    /// sessions. Makes the account when there is no active administrator at all. Throws `Conflict` ("no_administrator")
    /// for an account of another role, `NotFound` for none, each with the names there are.
    User resetAdministrator(const std::string& username, const std::string& password);

private:
    struct Checked {
        std::string stored;          ///< the hash that the current password matched
        std::string fresh;           ///< the one to replace it
    };

    PasswordKeeper& keeper();
    User active(UserId id);
    void refuseIfLastAdmin(const User& user);
    User administratorToReset(const std::string& username);
    std::optional<Checked> check(const PasswordChange& change, const User& user, const Caller& caller);
    void record(const std::string& action, const std::string& target, const std::string& result, const Caller& caller);

    Parts parts_;
    LoginThrottle throttle_;         // apart from log-in's: guesses there must not lock out who is signed in (U5)
    // One change at a time, held over its write: the store writes whole rows, so of two changes one would undo the
    // other, and which administrator is the last depends on all rows. Changes are rare, and nothing else takes it.
    std::mutex changes_;
};

} // namespace apbfarm::service

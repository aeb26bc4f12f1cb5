// SPDX-License-Identifier: MIT
#pragma once

#include "service/account_finder.h"
#include "service/authenticator_chain.h"
#include "service/login_throttle.h"
#include "service/password_pool.h"
#include "service/session_service_table.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace apbfarm::service {

struct SessionOptions {
    int idleDays = 10;               ///< of a token, counted from its last use
    int absoluteDays = 90;           ///< of a token, counted from log-in; 0: no such limit
    int maxTokensPerUser = 50;       ///< one more log-in ends the session that was idle longest
    bool authOff = false;            ///< development only: everybody is the first administrator
};

struct LoggedIn {
    std::string token;               ///< shown this once
    User user;
    int expiresInDays = 0;
};

/// How a log-in reached the farm. `Forwarded`: a proxy stands between, so a loopback address proves nothing.
enum class Arrival { Direct, Forwarded };

inline constexpr std::string_view kDefaultAdminName = "admin";
inline constexpr std::string_view kDefaultAdminPassword = "admin123";

/// Who is signed in: log-in, log-out, tokens. Loads all valid tokens when constructed. Thread-safe.
///
/// What ends a session takes effect before the call returns (U7).
class SessionService {
public:
    SessionService(UserStore& users, TokenStore& tokens, AuditStore& audit, AuthenticatorChain& authenticators,
                   PasswordPool& passwords, LoginThrottle& throttle, const util::Clock& clock,
                   SessionOptions options = {});

    /// Checks name and password and makes a token. Blocks for as long as a password check takes.
    /// Throws `InvalidInput` for lengths, `Unauthenticated` ("invalid_credentials"), `TooMany`, `Forbidden`
    /// ("default_password_remote", U10), `Unavailable` when they cannot be checked now.
    LoggedIn login(const std::string& username, const std::string& password, const std::string& address,
                   const std::string& requestId, Arrival arrival = Arrival::Direct);

    /// From memory alone; renews the session. Empty when the token is not valid.
    std::optional<Principal> identify(std::string_view token);

    void logout(const Principal& caller, const std::string& address, const std::string& requestId);

    /// Ends all sessions of a user but the one with the token id `except`. Returns how many there were.
    int revokeAllOf(UserId user, std::int64_t except = 0);

    /// The sessions of a user, the one that was idle longest first.
    std::vector<SessionTable::Use> sessionsOf(UserId user) const { return sessions_.usesOf(user); }
    /// Ends one of the caller's own sessions. False when it has none with that token id.
    bool endSession(const Principal& caller, std::int64_t token, const std::string& address,
                    const std::string& requestId);

    /// Call after every stored change of an account: its role counts at once, and a deactivated one has no session.
    void userChanged(const User& user);

    /// The caller's account as stored. Throws `Unauthenticated` when it is gone.
    User me(const Principal& caller);

    /// Writes renewals, at most one per token and hour. From one worker, like `removeExpired`.
    void storeRenewals();
    /// Forgets what has expired, in memory and in the store.
    void removeExpired();

    std::size_t activeSessions() const { return sessions_.size(); }

    bool isAuthOff() const { return options_.authOff; }
    /// Whom everybody is taken for while authentication is off: the first active administrator, from memory.
    /// Empty while there is none, and always when authentication is on.
    std::optional<Principal> standIn() const;

private:
    void load();
    void replayFailures();
    User accountOf(const std::string& username, const std::string& password, const std::string& address,
                   const std::string& requestId);
    AccountFinder::Result check(const Credentials& credentials);
    LoggedIn begin(User user, std::uint64_t revocationsBefore);
    void makeRoomFor(UserId user);
    void dropIfOvertaken(const User& user, const Token& token, std::uint64_t revocationsBefore);
    void refreshStandIn();
    void loginFailed(const std::string& actor, const std::string& username, const std::string& address,
                     const std::string& why, const std::string& requestId);
    void record(std::string action, const std::string& actor, const std::string& target, const std::string& address,
                const std::string& result, const std::string& requestId);

    UserStore& users_;
    TokenStore& tokens_;
    AuditStore& audit_;
    AuthenticatorChain& authenticators_;
    AccountFinder accounts_;
    PasswordPool& passwords_;
    LoginThrottle& throttle_;
    const util::Clock& clock_;
    const SessionOptions options_;
    SessionTable sessions_;
    std::atomic<std::uint64_t> revocations_{0};
    util::Guarded<std::unordered_map<UserId, std::uint64_t>> revokedAt_;   // by user: number of the last revocation
    util::Guarded<std::optional<Principal>> standIn_;
};

} // namespace apbfarm::service

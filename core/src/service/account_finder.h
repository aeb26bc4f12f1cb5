// SPDX-License-Identifier: MIT
#pragma once

#include "service/authenticator_chain.h"
#include "util/clock.h"

#include <optional>
#include <string>

namespace apbfarm::service {

/// The account of somebody who was recognised; made at the first log-in (U13).
class AccountFinder final {
public:
    struct Result {
        std::optional<User> user;    ///< active
        std::string why;             ///< there is none, for the audit trail
    };

    AccountFinder(UserStore& users, AuditStore& audit, const util::Clock& clock)
        : users_(users), audit_(audit), clock_(clock)
    {
    }

    /// Worker threads only: reads and may write. An account that belongs to somebody else is never given.
    Result find(const Recognised& who);

private:
    Result make(const Recognised& who, const std::string& username);
    Result admit(const User& user, const Recognised& who);

    UserStore& users_;
    AuditStore& audit_;
    const util::Clock& clock_;
};

} // namespace apbfarm::service

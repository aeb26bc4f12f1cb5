// SPDX-License-Identifier: MIT
#pragma once

#include "service/password_pool.h"
#include "util/clock.h"
#include "util/guarded.h"

#include <apbfarm/authenticator.h>
#include <apbfarm/storage.h>

#include <functional>
#include <future>
#include <optional>
#include <string>

namespace Poco {
class Logger;
}

namespace apbfarm::service {

/// What a farm without any administrator does at its start (`auth.bootstrap`).
enum class Bootstrap {
    Default,    ///< makes admin/admin123, usable from loopback only until it is changed
    None,       ///< makes nothing
    Random      ///< makes admin with a random password, written once to the log
};

/// Makes the first administrator and knows whether its documented password is still in force (U10).
class BootstrapAdmin {
public:
    BootstrapAdmin(UserStore& users, AuditStore& audit, Authenticator& authenticator, PasswordPool& passwords,
                   const util::Clock& clock, Poco::Logger& logger, Bootstrap mode);
    /// Waits for what `start` began.
    ~BootstrapAdmin();
    BootstrapAdmin(const BootstrapAdmin&) = delete;
    BootstrapAdmin& operator=(const BootstrapAdmin&) = delete;

    /// Makes the account when nobody, active or not, has the role admin. The hashing runs on the pool, so the start
    /// goes on; until the future is ready nobody can log in with it. Failures are logged, not thrown.
    /// `onCreated` is called from the pool with the new account.
    std::shared_future<void> start(std::function<void(const User&)> onCreated);

    /// Reads the stored hash; after it changed it also waits for one password check. Worker threads only.
    /// While the pool is full or the store away: the answer from before.
    bool defaultPasswordInForce();

    /// Writes a warning to the log and the audit trail when the default password is in force. For an hourly worker.
    void warnIfDefault();

private:
    struct Checked {
        std::string hash;
        bool isDefault = false;
    };

    /// Whether it is there; what went wrong is in the log.
    bool tryToCreate(const std::function<void(const User&)>& onCreated);
    bool isThereInSpiteOf(const std::exception& error);
    void create(const std::function<void(const User&)>& onCreated);
    bool isDefault(const std::string& name);
    void record(const std::string& action, const std::string& result);

    UserStore& users_;
    AuditStore& audit_;
    Authenticator& authenticator_;
    PasswordPool& passwords_;
    const util::Clock& clock_;
    Poco::Logger& logger_;
    const Bootstrap mode_;
    std::shared_future<void> running_;
    util::Guarded<std::optional<Checked>> checked_;
};

} // namespace apbfarm::service

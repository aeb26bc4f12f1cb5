// SPDX-License-Identifier: MIT
#include "service/bootstrap_admin.h"

#include "service/session_service.h"
#include "util/secrets.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <thread>

namespace apbfarm::service {

namespace {

/// Without it nobody could administer the farm until it is started again.
constexpr int kTries = 5;
constexpr std::chrono::milliseconds kBetweenTries{200};

std::shared_future<void> nothingToDo()
{
    std::promise<void> done;
    done.set_value();
    return done.get_future().share();
}

} // namespace

BootstrapAdmin::BootstrapAdmin(UserStore& users, AuditStore& audit, Authenticator& authenticator,
                               PasswordPool& passwords, const util::Clock& clock, Poco::Logger& logger, Bootstrap mode)
    : users_(users), audit_(audit), authenticator_(authenticator), passwords_(passwords), clock_(clock),
      logger_(logger), mode_(mode)
{
}

BootstrapAdmin::~BootstrapAdmin()
{
    if (running_.valid())
        running_.wait();
}

std::shared_future<void> BootstrapAdmin::start(std::function<void(const User&)> onCreated)
{
    const auto all = users_.list(true);
    const auto isAdmin = [](const User& user) { return user.role == Role::Admin; };
    if (std::ranges::any_of(all, isAdmin)) {
        if (!users_.hasActiveAdmin())
            logger_.error("Every administrator's account is deactivated, and an existing farm does not get a new one "
                          "by itself: nobody can administer it. Reactivate one in the database");
        return nothingToDo();
    }
    if (mode_ == Bootstrap::None) {
        logger_.warning("There is no administrator, and auth.bootstrap = none makes none");
        return nothingToDo();
    }
    if (!authenticator_.passwords()) {
        logger_.warning("There is no administrator, and the authenticator keeps its passwords elsewhere: an "
                        "administrator appears when one of its administrators logs in for the first time");
        return nothingToDo();
    }
    running_ = passwords_.start([this, onCreated = std::move(onCreated)] {
        for (int tries = 1; !tryToCreate(onCreated) && tries < kTries; ++tries)
            std::this_thread::sleep_for(kBetweenTries);
    }).share();
    return running_;
}

bool BootstrapAdmin::tryToCreate(const std::function<void(const User&)>& onCreated)
{
    try {
        create(onCreated);
        return true;
    } catch (const std::exception& error) {
        return isThereInSpiteOf(error);
    }
}

bool BootstrapAdmin::isThereInSpiteOf(const std::exception& error)
{
    try {
        logger_.error("The first administrator could not be made: " + std::string(error.what()));
        return users_.findByName(std::string(kDefaultAdminName)).has_value();
    } catch (const std::exception&) {
        return false;   // for want of memory nothing could be said or asked, either
    }
}

void BootstrapAdmin::create(const std::function<void(const User&)>& onCreated)
{
    const bool random = mode_ == Bootstrap::Random;
    const auto password = random ? util::randomToken().substr(0, 20) : std::string(kDefaultAdminPassword);
    const auto hash = authenticator_.passwords()->hash(password);
    User admin;
    admin.username = kDefaultAdminName;
    admin.role = Role::Admin;
    admin.createdAt = clock_.wall();
    admin = users_.create(admin, hash);
    checked_.with([&](auto& checked) { checked = Checked{hash, !random}; });
    if (random)
        logger_.warning("Made the account admin with the password " + password + " - this line is its only copy");
    else
        logger_.warning("Made the account admin with the documented default password. Until it is changed, it is "
                        "accepted from this machine only");
    record("user_created", random ? "random password" : "default password");
    if (onCreated)
        onCreated(admin);
}

bool BootstrapAdmin::defaultPasswordInForce()
{
    const auto admin = users_.findByName(std::string(kDefaultAdminName));
    if (!admin || !admin->active || !authenticator_.passwords())
        return false;
    const auto before = checked_.copy();
    const auto stored = users_.passwordHash(admin->id).value_or("");
    if (before && before->hash == stored)
        return before->isDefault;
    try {
        const bool now = passwords_.run([&] { return isDefault(admin->username); });
        // A successful check may have replaced the hash by one of a newer kind.
        const auto after = users_.passwordHash(admin->id).value_or("");
        checked_.with([&](auto& checked) { checked = Checked{after, now}; });
        return now;
    } catch (const TooMany&) {
        return before && before->isDefault;
    } catch (const Unavailable&) {
        return before && before->isDefault;
    }
}

bool BootstrapAdmin::isDefault(const std::string& name)
{
    return authenticator_.authenticate({name, kDefaultAdminPassword, "127.0.0.1"}).has_value();
}

void BootstrapAdmin::warnIfDefault()
{
    if (!defaultPasswordInForce())
        return;
    logger_.warning("The account admin still has the documented default password, which everybody knows. "
                    "Log in on this machine and change it");
    record("default_password_in_use", "accepted from loopback only");
}

void BootstrapAdmin::record(const std::string& action, const std::string& result)
{
    AuditEvent event;
    event.at = clock_.wall();
    event.action = action;
    event.target = kDefaultAdminName;
    event.result = result;
    audit_.append(event);
}

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#include "service/user_service.h"

#include "service/account_owner.h"
#include "service/user_service_rules.h"
#include "util/text.h"

#include <algorithm>
#include <utility>

namespace apbfarm::service {

namespace {

constexpr auto kElsewhere = "passwords_elsewhere";
constexpr auto kNoPasswords = "This farm does not keep its passwords itself: accounts and passwords are managed where they "
                              "come from, and an account appears here when its owner logs in for the first time";

NotFound unknownUser()
{
    return NotFound("User not found", "user_not_found", "User not found");
}

InvalidInput nameTaken(const std::string& username)
{
    return InvalidInput("Username '" + username + "' already exists", "username_taken",
                        {{"username", "already exists"}});
}

bool isActiveAdmin(const User& user)
{
    return user.active && user.role == Role::Admin;
}

} // namespace

User UserService::find(UserId id)
{
    if (auto user = parts_.users.find(id))
        return *user;
    throw unknownUser();
}

User UserService::active(UserId id)
{
    auto user = find(id);
    if (!user.active)
        throw unknownUser();
    return user;
}

PasswordKeeper& UserService::keeper()
{
    if (auto* keeper = parts_.authenticator.passwords())
        return *keeper;
    throw Conflict(kNoPasswords, kElsewhere);
}

std::string UserService::passwordKeptElsewhere(UserId id)
{
    const auto stored = parts_.users.passwordHash(id).value_or("");
    if (const auto owner = ownerOf(stored); !owner.empty())
        return "The password of this account is not kept by this farm, but where its authenticator '" + std::string(owner)
               + "' looks: change it there";
    return parts_.authenticator.passwords() ? "" : kNoPasswords;
}

User UserService::create(const NewAccount& wanted, const Caller& caller)
{
    auto& passwords = keeper();
    User user;
    Complaints complaints;
    checkUsername(wanted.username, complaints);
    checkNewPassword(wanted.password, wanted.username, "password", complaints);
    checkEmail(wanted.email, parts_.requireEmail, complaints);
    user.role = checkedRole(wanted.role, complaints);
    complaints.raise();
    if (const auto same = parts_.users.findByName(wanted.username); same && same->active)
        throw nameTaken(wanted.username);

    user.username = wanted.username;
    user.email = wanted.email;
    user.createdAt = parts_.clock.wall();
    const auto hash = parts_.passwords.run([&] { return passwords.hash(wanted.password); });
    try {
        user = parts_.users.create(user, hash);
    } catch (const Conflict&) {
        throw nameTaken(wanted.username);
    }
    parts_.sessions.userChanged(user);
    record("user_created", user.username, "role " + std::string(toText(user.role)), caller);
    parts_.notifications.accountCreated(user);
    return user;
}

void UserService::remove(UserId id, const Caller& caller)
{
    if (id == caller.who.id)
        throw InvalidInput("Cannot delete yourself", "cannot_delete_yourself");
    User user;
    {
        std::lock_guard lock(changes_);
        user = active(id);
        refuseIfLastAdmin(user);
        user.active = false;
        parts_.users.update(user);
        parts_.sessions.userChanged(user);
    }
    record("user_deleted", user.username, "ok", caller);
    parts_.notifications.accountDeleted(user);
}

Role UserService::setRole(UserId id, const std::string& word, const Caller& caller)
{
    Complaints complaints;
    const auto role = checkedRole(word, complaints);
    complaints.raise();
    User user;
    auto before = role;
    {
        std::lock_guard lock(changes_);
        user = active(id);
        before = user.role;
        if (before == role)
            return role;
        if (role != Role::Admin)
            refuseIfLastAdmin(user);
        user.role = role;
        parts_.users.update(user);
        parts_.sessions.userChanged(user);
    }
    record("role_changed", user.username, std::string(toText(before)) + " to " + std::string(toText(role)), caller);
    parts_.notifications.roleChanged(user);
    return role;
}

void UserService::refuseIfLastAdmin(const User& user)
{
    const auto others = parts_.users.list(false);
    const bool another = std::ranges::any_of(others, [&](const User& other) {
        return other.id != user.id && isActiveAdmin(other);
    });
    if (isActiveAdmin(user) && !another)
        throw Conflict("'" + user.username + "' is the only administrator, and a farm without one cannot be managed. "
                       "Make another account administrator first",
                       "last_administrator");
}

void UserService::setEmail(UserId id, const std::string& email, const Caller& caller)
{
    Complaints complaints;
    checkEmail(email, parts_.requireEmail, complaints);
    complaints.raise();
    User user;
    std::string before;
    {
        std::lock_guard lock(changes_);
        user = active(id);
        before = std::exchange(user.email, email);
        if (before == email)
            return;
        parts_.users.update(user);
    }
    record("email_changed", user.username, email.empty() ? "removed" : "set", caller);
    parts_.notifications.emailChanged(user, before);
}

void UserService::setNotifications(UserId id, bool wanted, const Caller& caller)
{
    User user;
    {
        std::lock_guard lock(changes_);
        user = active(id);
        user.emailNotifications = wanted;
        parts_.users.update(user);
    }
    record("notifications_changed", user.username, wanted ? "on" : "off", caller);
}

int UserService::revokeTokens(UserId id, const Caller& caller)
{
    const auto user = active(id);
    const int count = parts_.sessions.revokeAllOf(id);
    record("tokens_revoked", user.username, std::to_string(count) + " sessions", caller);
    if (count > 0)
        parts_.notifications.tokensRevoked(user);
    return count;
}

void UserService::changePassword(const PasswordChange& change, const Caller& caller)
{
    const auto user = active(caller.who.id);
    if (const auto why = passwordKeptElsewhere(user.id); !why.empty())
        throw Conflict(why, kElsewhere);
    Complaints complaints;
    checkNewPassword(change.wanted, user.username, "new_password", complaints);
    if (change.wanted != change.confirmed)
        complaints.add("confirm_password", "is not the new password", "New passwords do not match");
    complaints.raise();

    const auto checked = check(change, user, caller);
    if (!checked) {
        throttle_.failed(user.username, caller.address);
        record("password_change_failed", user.username, "wrong current password", caller);
        throw InvalidInput("Current password is incorrect", "wrong_password",
                           {{"current_password", "is not the current password"}});
    }
    throttle_.succeeded(user.username, caller.address);
    {
        std::lock_guard lock(changes_);
        active(user.id);
        // Whoever changed it while this one was computed has ended this session with it.
        if (parts_.users.passwordHash(user.id) != checked->stored)
            throw Conflict("The password was changed by another request at the same time", "password_changed");
        parts_.users.setPassword(user.id, checked->fresh);
        parts_.sessions.revokeAllOf(user.id, caller.who.token);
    }
    record("password_changed", user.username, "ok", caller);
    parts_.notifications.passwordChanged(user);
}

User UserService::resetAdministrator(const std::string& username, const std::string& password)
{
    auto& passwords = keeper();
    Complaints complaints;
    checkNewPassword(password, username, "password", complaints);
    if (!parts_.users.findByName(username))
        checkUsername(username, complaints);
    complaints.raise();
    const auto hash = parts_.passwords.run([&] { return passwords.hash(password); });
    std::lock_guard lock(changes_);
    auto user = administratorToReset(username);
    if (user.id == 0) {
        user.username = username;
        user.role = Role::Admin;
        user.createdAt = parts_.clock.wall();
        user = parts_.users.create(user, hash);
    } else {
        user.active = true;
        parts_.users.setPassword(user.id, hash);
        parts_.users.update(user);
    }
    parts_.sessions.revokeAllOf(user.id);
    parts_.sessions.userChanged(user);
    record("password_reset", user.username, "by the operator of the machine", {});
    return user;
}

/// Without an id: it is to be made.
User UserService::administratorToReset(const std::string& username)
{
    const auto found = parts_.users.findByName(username);
    if (found && found->role == Role::Admin)
        return *found;
    std::vector<std::string> names;
    for (const auto& user : parts_.users.list(true))
        if (user.role == Role::Admin)
            names.push_back(user.username);
    if (!found && !parts_.users.hasActiveAdmin())
        return {};
    const auto known = ". Administrators: " + util::join(names, ", ");
    if (found)
        throw Conflict("'" + username + "' is no administrator" + known, "no_administrator");
    throw NotFound("There is no account '" + username + "'" + known, "user_not_found");
}

/// Empty when the current password is wrong. What an authenticator throws is a "no" (G3), except that it is away.
std::optional<UserService::Checked> UserService::check(const PasswordChange& change, const User& user,
                                                       const Caller& caller)
{
    auto& passwords = keeper();
    throttle_.admit(user.username, caller.address);
    return parts_.passwords.run([&]() -> std::optional<Checked> {
        std::optional<Identity> identity;
        try {
            identity = parts_.authenticator.authenticate({user.username, change.current, caller.address});
        } catch (const Unavailable&) {
            throw;
        } catch (const std::exception&) {
            return std::nullopt;
        }
        if (!identity || !util::equalsIgnoringCase(identity->username, user.username))
            return std::nullopt;
        const auto stored = parts_.users.passwordHash(user.id).value_or("");
        return Checked{stored, passwords.hash(change.wanted)};
    });
}

void UserService::record(const std::string& action, const std::string& target, const std::string& result,
                         const Caller& caller)
{
    AuditTrail(parts_.audit, parts_.clock).record(action, target, result, caller);
}

} // namespace apbfarm::service

// SPDX-License-Identifier: MIT
#include "service/account_finder.h"

#include "service/account_owner.h"
#include "service/user_service_rules.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

/// Directories have names that accounts cannot have (U12).
std::string accountName(std::string name)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    std::ranges::replace_if(name, [&](char c) { return letters.find(c) == letters.npos; }, '_');
    return name;
}

bool isGood(void (*check)(std::string_view, Complaints&), std::string_view text)
{
    Complaints complaints;
    check(text, complaints);
    try {
        complaints.raise();
    } catch (const InvalidInput&) {
        return false;
    }
    return true;
}

void checkAddress(std::string_view email, Complaints& complaints)
{
    checkEmail(email, false, complaints);
}

} // namespace

AccountFinder::Result AccountFinder::find(const Recognised& who)
{
    const auto username = accountName(who.identity.username);
    const auto known = users_.findByName(username);
    return known ? admit(*known, who) : make(who, username);
}

AccountFinder::Result AccountFinder::make(const Recognised& who, const std::string& username)
{
    if (!isGood(checkUsername, username))
        return {std::nullopt, "the name " + username + " is too short or too long for an account"};
    User user;
    user.username = username;
    user.email = isGood(checkAddress, who.identity.email) ? who.identity.email : "";
    user.role = who.identity.role == Role::Admin ? Role::Admin : Role::User;
    user.createdAt = clock_.wall();
    try {
        user = users_.create(user, who.mark);
    } catch (const Conflict&) {
        // Two first log-ins at once: the other one made it.
        if (const auto made = users_.findByName(username))
            return admit(*made, who);
        throw;
    }
    AuditEvent event;
    event.at = user.createdAt;
    event.action = "user_created";
    event.target = user.username;
    event.result = "first log-in, by " + std::string(ownerOf(who.mark));
    audit_.append(event);
    return {user, ""};
}

AccountFinder::Result AccountFinder::admit(const User& user, const Recognised& who)
{
    if (!user.active)
        return {std::nullopt, "the account is deactivated"};
    const auto stored = users_.passwordHash(user.id).value_or("");
    const bool taken = !ownerOf(stored).empty(), hasPassword = !livesElsewhere(stored);
    if (taken ? stored != who.mark : hasPassword && who.standing == Standing::Stranger)
        return {std::nullopt, "the account belongs to somebody else than the person that "
                              + std::string(ownerOf(who.mark)) + " recognised"};
    if (!taken && !(hasPassword && who.standing == Standing::Keeper))
        users_.setPassword(user.id, who.mark);
    return {user, ""};
}

} // namespace apbfarm::service

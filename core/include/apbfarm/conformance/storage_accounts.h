// SPDX-License-Identifier: MIT
#pragma once

/// Part of storage_conformance.h: accounts and tokens.
namespace apbfarm::conformance {

inline bool sameUser(const User& a, const User& b)
{
    return a.id == b.id && a.username == b.username && a.role == b.role && a.email == b.email && a.active == b.active &&
           a.emailNotifications == b.emailNotifications && a.createdAt == b.createdAt && a.lastLogin == b.lastLogin;
}

inline void anAccountIsFoundAsItWas(const Open& open)
{
    User user = sampleUser("Alice_1");
    user.role = Role::Admin;
    user.emailNotifications = false;
    user.lastLogin = at(5);
    {
        const auto storage = open();
        APB_FARM_CONFORM(!storage->users().hasActiveAdmin());
        user = storage->users().create(user, "secret");
        APB_FARM_CONFORM(user.id > 0);
    }
    const auto storage = open();
    APB_FARM_CONFORM(sameUser(storage->users().find(user.id).value(), user));
    APB_FARM_CONFORM(sameUser(storage->users().findByName("aLICE_1").value(), user));
    APB_FARM_CONFORM(storage->users().passwordHash(user.id) == "secret");
    APB_FARM_CONFORM(storage->users().hasActiveAdmin());
    APB_FARM_CONFORM(!storage->users().find(user.id + 1) && !storage->users().findByName("alice"));
    APB_FARM_CONFORM(!storage->users().passwordHash(user.id + 1));
}

/// U12
inline void namesAreUniqueWithoutRegardToCase(const Open& open)
{
    const auto storage = open();
    storage->users().create(sampleUser("alice"), "hash");
    const auto bob = storage->users().create(sampleUser("bob"), "hash");
    APB_FARM_CONFORM(throws<Conflict>([&] { storage->users().create(sampleUser("Alice"), "hash"); }));
    User renamed = bob;
    renamed.username = "ALICE";
    APB_FARM_CONFORM(throws<Conflict>([&] { storage->users().update(renamed); }));
    renamed.username = "BOB";
    storage->users().update(renamed);
    APB_FARM_CONFORM(storage->users().find(bob.id)->username == "BOB");
    APB_FARM_CONFORM(storage->users().list(true).size() == 2);
}

/// U12
inline void aDeletedNameCanBeUsedAgain(const Open& open)
{
    const auto storage = open();
    auto first = storage->users().create(sampleUser("alice"), "first");
    first.active = false;
    storage->users().update(first);
    APB_FARM_CONFORM(!storage->users().findByName("alice")->active);
    const auto second = storage->users().create(sampleUser("alice"), "second");
    APB_FARM_CONFORM(second.id != first.id);
    APB_FARM_CONFORM(storage->users().findByName("alice")->id == second.id);
    APB_FARM_CONFORM(storage->users().passwordHash(second.id) == "second");
    APB_FARM_CONFORM(storage->users().find(first.id) && !storage->users().find(first.id)->active);
    first.active = true;
    APB_FARM_CONFORM(throws<Conflict>([&] { storage->users().update(first); }));
}

inline void accountsAreListedByTimeOfCreation(const Open& open)
{
    const auto storage = open();
    auto late = sampleUser("late"), early = sampleUser("early"), gone = sampleUser("gone");
    late.createdAt = at(9);
    early.createdAt = at(1);
    gone.createdAt = at(5);
    gone.active = false;
    for (const auto& user : {late, early, gone})
        storage->users().create(user, "hash");
    const auto all = storage->users().list(true), active = storage->users().list(false);
    APB_FARM_CONFORM(all.size() == 3 && all[0].username == "early" && all[1].username == "gone");
    APB_FARM_CONFORM(active.size() == 2 && active[0].username == "early" && active[1].username == "late");
}

inline void accountsChange(const Open& open)
{
    const auto storage = open();
    auto user = storage->users().create(sampleUser("alice"), "old");
    user.username = "alicia";
    user.role = Role::Admin;
    user.email = "";
    user.emailNotifications = false;
    storage->users().update(user);
    storage->users().setLastLogin(user.id, at(7));
    storage->users().setPassword(user.id, "new");
    user.lastLogin = at(7);
    APB_FARM_CONFORM(sameUser(storage->users().find(user.id).value(), user));
    APB_FARM_CONFORM(storage->users().passwordHash(user.id) == "new");
    user.active = false;
    storage->users().update(user);
    APB_FARM_CONFORM(!storage->users().hasActiveAdmin());
    user.id += 100;
    user.username = "nobody";
    APB_FARM_CONFORM(throws<NotFound>([&] { storage->users().update(user); }));
}

inline Token sampleToken(UserId user, char digit, double expires)
{
    return {.hash = std::string(64, digit),
            .user = user,
            .createdAt = at(0),
            .lastUsedAt = at(0),
            .expiresAt = at(expires)};
}

inline void tokensLiveUntilTheyExpireOrAreRevoked(const Open& open)
{
    const auto storage = open();
    auto& tokens = storage->tokens();
    const auto user = storage->users().create(sampleUser("alice"), "hash").id;
    const auto other = storage->users().create(sampleUser("bob"), "hash").id;
    const auto a = tokens.create(sampleToken(user, 'a', 100)), b = tokens.create(sampleToken(user, 'b', 200));
    tokens.create(sampleToken(other, 'c', 200));
    APB_FARM_CONFORM(a.id > 0 && a.id != b.id);
    APB_FARM_CONFORM(throws<Error>([&] { tokens.create(sampleToken(other, 'a', 100)); }));
    APB_FARM_CONFORM(tokens.listActive(at(50)).size() == 3 && tokens.listActive(at(150)).size() == 2);
    tokens.renew(a.id, at(90), at(300));
    const auto left = tokens.listActive(at(250));
    APB_FARM_CONFORM(left.size() == 1 && left[0].id == a.id && left[0].hash == a.hash && left[0].user == user);
    APB_FARM_CONFORM(left[0].lastUsedAt == at(90) && left[0].expiresAt == at(300) && left[0].createdAt == at(0));
    tokens.revoke(b.id);
    APB_FARM_CONFORM(tokens.listActive(at(50)).size() == 2);
    APB_FARM_CONFORM(tokens.revokeAllOf(user) == 1 && tokens.revokeAllOf(user) == 0);
    APB_FARM_CONFORM(tokens.listActive(at(50)).size() == 1);
    tokens.removeExpired(at(150));
    APB_FARM_CONFORM(tokens.listActive(at(50)).size() == 1);
    tokens.removeExpired(at(250));
    APB_FARM_CONFORM(tokens.listActive(at(50)).empty());
}

} // namespace apbfarm::conformance

// SPDX-License-Identifier: MIT
#pragma once

/// Part of storage_conformance.h: settings, outbox, audit trail, tables of modules, restart.
namespace apbfarm::conformance {

inline void settingsAreKept(const Open& open)
{
    const std::string odd("a\0'\"\xC3\xA4", 6);
    {
        const auto storage = open();
        APB_FARM_CONFORM(!storage->settings().get("key"));
        storage->settings().set("key", "first");
        storage->settings().set("key", odd);
        storage->settings().set("empty", "");
        storage->settings().set("gone", "x");
        storage->settings().remove("gone");
        storage->settings().remove("never");
    }
    const auto storage = open();
    APB_FARM_CONFORM(storage->settings().get("key") == odd);
    APB_FARM_CONFORM(storage->settings().get("empty") == "");
    APB_FARM_CONFORM(!storage->settings().get("gone"));
}

/// D6
inline void theOutboxKeepsMessagesUntilTheyAreDelivered(const Open& open)
{
    const auto storage = open();
    auto& outbox = storage->outbox();
    auto late = sampleNotification("late");
    late.createdAt = at(10);
    outbox.add(late);
    outbox.add(sampleNotification("early"));
    outbox.add(sampleNotification("early"));   // told once
    APB_FARM_CONFORM(outbox.due(at(5), 10).size() == 1);
    const auto due = outbox.due(at(20), 10);
    APB_FARM_CONFORM(due.size() == 2 && due[0].id == "early" && due[1].id == "late");
    APB_FARM_CONFORM(outbox.due(at(20), 1).size() == 1);
    const auto expected = sampleNotification("early");
    APB_FARM_CONFORM(due[0].kind == expected.kind && due[0].recipientName == expected.recipientName);
    APB_FARM_CONFORM(due[0].recipientEmail == expected.recipientEmail && due[0].subject == expected.subject);
    APB_FARM_CONFORM(due[0].text == expected.text && due[0].facts == expected.facts);
    APB_FARM_CONFORM(due[0].createdAt == expected.createdAt && due[0].attempts == 0);
    outbox.retryAt("early", at(30), 1, "no answer");
    APB_FARM_CONFORM(outbox.due(at(29), 10).size() == 1);
    APB_FARM_CONFORM(outbox.due(at(30), 10).size() == 2 && outbox.due(at(30), 10)[0].attempts == 1);
    outbox.giveUp("early", "no such mailbox");
    outbox.delivered("late");
    APB_FARM_CONFORM(outbox.due(at(1000), 10).empty());
}

inline void everyKindOfMessageComesBackAsItself(const Open& open)
{
    const auto storage = open();
    const auto kinds = {
        NotificationKind::BuildFinished, NotificationKind::AccountCreated, NotificationKind::AccountDeleted,
        NotificationKind::RoleChanged,   NotificationKind::EmailChanged,   NotificationKind::PasswordChanged,
        NotificationKind::TokensRevoked, NotificationKind::ServerTrouble,  NotificationKind::Test};
    int number = 0;
    for (const auto kind : kinds) {
        auto notification = sampleNotification("n" + std::to_string(number));
        notification.kind = kind;
        notification.createdAt = at(number++);
        storage->outbox().add(notification);
    }
    const auto due = storage->outbox().due(at(100), 100);
    APB_FARM_CONFORM(std::ranges::equal(due, kinds, {}, &Notification::kind));
}

inline void theAuditTrailIsNewestFirst(const Open& open)
{
    const auto storage = open();
    for (int i = 1; i <= 3; ++i)
        storage->audit().append({at(i), "alice", "login_ok", "target", "192.0.2.1", "ok", "r" + std::to_string(i), 0});
    const auto events = storage->audit().list({.limit = 2});
    APB_FARM_CONFORM(events.size() == 2 && events[0].requestId == "r3" && events[1].requestId == "r2");
    APB_FARM_CONFORM(events[0].at == at(3) && events[0].actor == "alice" && events[0].action == "login_ok");
    APB_FARM_CONFORM(events[0].target == "target" && events[0].address == "192.0.2.1" && events[0].result == "ok");
    APB_FARM_CONFORM(storage->audit().list({.limit = 2, .offset = 2}).size() == 1);
    APB_FARM_CONFORM(storage->audit().list({.limit = 2, .offset = 3}).empty());
}

inline void theAuditTrailIsFiltered(const Open& open)
{
    const auto storage = open();
    auto& audit = storage->audit();
    for (int i = 1; i <= 6; ++i)
        audit.append({at(i), i % 2 ? "alice" : "bob", i > 3 ? "login_ok" : "login_failed", "", "", "", "", 0});
    const auto times = [&](const AuditQuery& query) {
        std::vector<Timestamp> found;
        for (const auto& event : audit.list(query))
            found.push_back(event.at);
        APB_FARM_CONFORM(audit.count(query) == std::ssize(found));
        return found;
    };
    APB_FARM_CONFORM((times({.actor = "alice"}) == std::vector{at(5), at(3), at(1)}));
    APB_FARM_CONFORM((times({.actor = "alice", .action = "login_ok"}) == std::vector{at(5)}));
    APB_FARM_CONFORM((times({.from = at(2), .to = at(4), .oldestFirst = true}) == std::vector{at(2), at(3)}));
    const auto first = audit.list({.oldestFirst = true, .limit = 1}).front();
    APB_FARM_CONFORM((times({.afterId = first.id}).size() == 5));
    APB_FARM_CONFORM(times({.actor = "al"}).empty());
}

inline void modulesMigrateTheirOwnTables(const Open& open)
{
    const std::vector<std::pair<int, std::string>> first{
        {1, "CREATE TABLE demo_jobs (id INTEGER PRIMARY KEY, name TEXT);"}};
    auto second = first;
    second.emplace_back(2, "ALTER TABLE demo_jobs ADD COLUMN note TEXT; INSERT INTO demo_jobs (name) VALUES ('made');");
    auto broken = second;
    broken.emplace_back(3, "INSERT INTO demo_jobs (name) VALUES ('half'); INSERT INTO demo_none VALUES (1);");
    {
        const auto storage = open();
        storage->tables().migrate("demo", first);
        storage->tables().migrate("demo", first);
    }
    const auto storage = open();
    storage->tables().migrate("demo", second);
    storage->tables().migrate("demo", second);
    APB_FARM_CONFORM(throws<Error>([&] { storage->tables().migrate("demo", broken); }));
    const auto rows = storage->tables().query("SELECT name, note FROM demo_jobs", {});
    APB_FARM_CONFORM(rows.size() == 1 && rows[0] == SqlRow({"made", std::nullopt}));
    storage->tables().migrate("other", {{1, "CREATE TABLE other_jobs (id INTEGER);"}});
}

inline void modulesReadAndWriteTheirRows(const Open& open)
{
    const auto storage = open();
    auto& tables = storage->tables();
    tables.migrate("demo", {{1, "CREATE TABLE demo_jobs (id INTEGER PRIMARY KEY, name TEXT UNIQUE, at REAL);"}});
    const std::string insert = "INSERT INTO demo_jobs (id, name, at) VALUES ($1, $2, $3)";
    APB_FARM_CONFORM(
        tables.execute({{insert, {"1", "one", "1800000000.123457"}}, {insert, {"2", std::nullopt, "1"}}}) == 1);
    APB_FARM_CONFORM(tables.execute({{"UPDATE demo_jobs SET at = at + 1 WHERE id >= $1", {"1"}}}) == 2);
    APB_FARM_CONFORM(tables.execute({{"UPDATE demo_jobs SET at = 0 WHERE id = $1", {"9"}}}) == 0);
    const auto rows =
        tables.query("SELECT at, name, id FROM demo_jobs WHERE id <= $2 AND id >= $1 ORDER BY id", {"1", "2"});
    APB_FARM_CONFORM(rows.size() == 2 && rows[0][1] == "one" && rows[0][2] == "1" && !rows[1][1]);
    APB_FARM_CONFORM(std::abs(std::stod(rows[0][0].value()) - 1800000001.123457) < 1e-6);
    APB_FARM_CONFORM(throws<Conflict>([&] {
        tables.execute({{insert, {"3", "three", "1"}}, {insert, {"4", "one", "1"}}});
    }));
    APB_FARM_CONFORM(tables.query("SELECT id FROM demo_jobs WHERE id = 3", {}).empty());
    APB_FARM_CONFORM(throws<Error>([&] { tables.query("DELETE FROM demo_jobs RETURNING id", {}); }));
    APB_FARM_CONFORM(throws<Error>([&] { tables.query("SELECT nonsense FROM demo_jobs", {}); }));
}

inline void modulesCannotEndTheTransactionTheyShare(const Open& open)
{
    const auto storage = open();
    auto& tables = storage->tables();
    tables.migrate("demo", {{1, "CREATE TABLE demo_jobs (id INTEGER PRIMARY KEY);"}});
    for (const std::string sql : {"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT a"})
        APB_FARM_CONFORM(throws<Error>([&] { tables.execute({{"INSERT INTO demo_jobs VALUES (1)", {}}, {sql, {}}}); }));
    APB_FARM_CONFORM(tables.query("SELECT id FROM demo_jobs", {}).empty());
    APB_FARM_CONFORM(storage->writable());
    submitOne(*storage, sampleBuild(1));
}

/// D3: what was acknowledged is there after a restart.
inline void everythingSurvivesARestart(const Open& open)
{
    Build build;
    {
        const auto storage = open();
        build = taken(*storage, step(submitOne(*storage, sampleBuild(1)), BuildState::Building));
        storage->outbox().add(sampleNotification("n"));
        const auto user = storage->users().create(sampleUser("alice"), "hash").id;
        storage->tokens().create(sampleToken(user, 'a', 100));
        storage->audit().append({at(1), "", "started", "", "", "ok", "", 0});
    }
    const auto storage = open();
    const auto live = storage->builds().listLive();
    APB_FARM_CONFORM(live.size() == 1 && sameBuild(live[0], build) && live[0].revision == build.revision);
    APB_FARM_CONFORM(storage->outbox().due(at(100), 10).size() == 1);
    APB_FARM_CONFORM(storage->tokens().listActive(at(1)).size() == 1);
    APB_FARM_CONFORM(storage->audit().list({}).size() == 1);
    APB_FARM_CONFORM(storage->writable());
}

} // namespace apbfarm::conformance

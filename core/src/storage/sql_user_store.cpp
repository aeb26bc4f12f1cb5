// SPDX-License-Identifier: MIT
#include "storage/sql_user_store.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kFind = R"sql(
    SELECT id, username, role, email, is_active, email_notifications_enabled, created_at, last_login
    FROM users WHERE id = $1)sql";

constexpr std::string_view kFindByName = R"sql(
    SELECT id, username, role, email, is_active, email_notifications_enabled, created_at, last_login
    FROM users WHERE username = $1 COLLATE NOCASE
    ORDER BY is_active DESC, username = $2 DESC, id LIMIT 1)sql";

constexpr std::string_view kList = R"sql(
    SELECT id, username, role, email, is_active, email_notifications_enabled, created_at, last_login
    FROM users WHERE is_active = 1 OR $1 = 1 ORDER BY created_at, id)sql";

constexpr std::string_view kHasActiveAdmin = "SELECT 1 FROM users WHERE role = 'admin' AND is_active = 1 LIMIT 1";

constexpr std::string_view kNameTaken = R"sql(
    SELECT 1 FROM users WHERE username = $1 COLLATE NOCASE AND is_active = 1 AND id <> $2 LIMIT 1)sql";

constexpr std::string_view kFreeName = R"sql(
    UPDATE users SET username = username || '#' || id
    WHERE username = $1 COLLATE NOCASE AND is_active IS DISTINCT FROM 1 AND id <> $2)sql";

constexpr std::string_view kCreate = R"sql(
    INSERT INTO users (username, password_hash, role, email, is_active, email_notifications_enabled, created_at,
        last_login) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id)sql";

constexpr std::string_view kUpdate = R"sql(
    UPDATE users SET username = $1, role = $2, email = $3, is_active = $4, email_notifications_enabled = $5
    WHERE id = $6)sql";

constexpr std::string_view kSetLastLogin = "UPDATE users SET last_login = $1 WHERE id = $2";
constexpr std::string_view kPasswordHash = "SELECT password_hash FROM users WHERE id = $1";
constexpr std::string_view kSetPassword = "UPDATE users SET password_hash = $1 WHERE id = $2";

} // namespace sql

namespace {

User readUser(const Statement& row)
{
    return {.id = row.integer(0),
            .username = row.string(1),
            .role = roleFromText(row.text(2)).value_or(Role::Guest),
            .email = row.string(3),
            .active = row.flag(4),
            .emailNotifications = row.isNull(5) || row.flag(5),
            .createdAt = row.time(6).value_or(Timestamp{}),
            .lastLogin = row.time(7)};
}

std::optional<User> readOne(Query rows)
{
    return rows.next() ? std::optional(readUser(rows.row())) : std::nullopt;
}

void claimName(Connection& connection, const User& user)
{
    if (!user.active)
        return;
    if (connection.select(sql::kNameTaken, user.username, user.id).next())
        throw Conflict("The user name " + user.username + " is taken", "username_taken");
    connection.execute(sql::kFreeName, user.username, user.id);
}

void need(std::int64_t changed, UserId id)
{
    if (changed == 0)
        throw NotFound("There is no account with id " + std::to_string(id), "user_not_found", "User not found");
}

} // namespace

SqlUserStore::SqlUserStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

std::optional<User> SqlUserStore::find(UserId id)
{
    return readers_.with([&](Connection& connection) { return readOne(connection.select(sql::kFind, id)); });
}

std::optional<User> SqlUserStore::findByName(const std::string& username)
{
    return readers_.with(
        [&](Connection& connection) { return readOne(connection.select(sql::kFindByName, username, username)); });
}

std::vector<User> SqlUserStore::list(bool withInactive)
{
    return readers_.with([&](Connection& connection) {
        std::vector<User> users;
        for (auto rows = connection.select(sql::kList, withInactive); rows.next();)
            users.push_back(readUser(rows.row()));
        return users;
    });
}

bool SqlUserStore::hasActiveAdmin()
{
    return readers_.with([](Connection& connection) { return connection.select(sql::kHasActiveAdmin).next(); });
}

User SqlUserStore::create(const User& user, const std::string& passwordHash)
{
    User created = user;
    writer_.run([&](Connection& connection) {
        created.id = 0;
        claimName(connection, created);
        auto row = connection.select(sql::kCreate, user.username, passwordHash, toText(user.role),
                                     textOrNull(user.email), user.active, user.emailNotifications, user.createdAt,
                                     user.lastLogin);
        row.next();
        created.id = row->integer(0);
    });
    return created;
}

void SqlUserStore::update(const User& user)
{
    writer_.run([&](Connection& connection) {
        need(connection.select(sql::kFind, user.id).next(), user.id);
        claimName(connection, user);
        connection.execute(sql::kUpdate, user.username, toText(user.role), textOrNull(user.email), user.active,
                           user.emailNotifications, user.id);
    });
}

void SqlUserStore::setLastLogin(UserId id, Timestamp at)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kSetLastLogin, at, id); });
}

std::optional<std::string> SqlUserStore::passwordHash(UserId id)
{
    return readers_.with([&](Connection& connection) -> std::optional<std::string> {
        auto rows = connection.select(sql::kPasswordHash, id);
        return rows.next() ? std::optional(rows->string(0)) : std::nullopt;
    });
}

void SqlUserStore::setPassword(UserId id, const std::string& passwordHash)
{
    writer_.run([&](Connection& connection) { need(connection.execute(sql::kSetPassword, passwordHash, id), id); });
}

} // namespace apbfarm::storage

// SPDX-License-Identifier: MIT
#include "storage/sql_token_store.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kListActive = R"sql(
    SELECT id, token_hash, user_id, created_at, last_used_at, expires_at FROM tokens
    WHERE is_active = 1 AND expires_at >= $1 ORDER BY id)sql";

constexpr std::string_view kCreate = R"sql(
    INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at, is_active)
    VALUES ($1, $2, $3, $4, $5, 1) RETURNING id)sql";

constexpr std::string_view kRenew = "UPDATE tokens SET last_used_at = $1, expires_at = $2 WHERE id = $3";
constexpr std::string_view kRevoke = "UPDATE tokens SET is_active = 0 WHERE id = $1";
constexpr std::string_view kRevokeAll = "UPDATE tokens SET is_active = 0 WHERE user_id = $1 AND is_active = 1";
constexpr std::string_view kRemoveExpired = "DELETE FROM tokens WHERE expires_at < $1";

} // namespace sql

namespace {

Token readToken(const Statement& row)
{
    return {.id = row.integer(0),
            .hash = row.string(1),
            .user = row.integer(2),
            .createdAt = row.time(3).value_or(Timestamp{}),
            .lastUsedAt = row.time(4).value_or(Timestamp{}),
            .expiresAt = row.time(5).value_or(Timestamp{})};
}

} // namespace

SqlTokenStore::SqlTokenStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

std::vector<Token> SqlTokenStore::listActive(Timestamp now)
{
    return readers_.with([&](Connection& connection) {
        std::vector<Token> tokens;
        for (auto rows = connection.select(sql::kListActive, now); rows.next();)
            tokens.push_back(readToken(rows.row()));
        return tokens;
    });
}

Token SqlTokenStore::create(const Token& token)
{
    Token created = token;
    writer_.run([&](Connection& connection) {
        auto row = connection.select(sql::kCreate, token.hash, token.user, token.createdAt, token.lastUsedAt,
                                     token.expiresAt);
        row.next();
        created.id = row->integer(0);
    });
    return created;
}

void SqlTokenStore::renew(std::int64_t id, Timestamp lastUsedAt, Timestamp expiresAt)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kRenew, lastUsedAt, expiresAt, id); });
}

void SqlTokenStore::revoke(std::int64_t id)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kRevoke, id); });
}

int SqlTokenStore::revokeAllOf(UserId user)
{
    int revoked = 0;
    writer_.run([&](Connection& connection) { revoked = static_cast<int>(connection.execute(sql::kRevokeAll, user)); });
    return revoked;
}

void SqlTokenStore::removeExpired(Timestamp now)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kRemoveExpired, now); });
}

} // namespace apbfarm::storage

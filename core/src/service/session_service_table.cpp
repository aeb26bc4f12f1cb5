// SPDX-License-Identifier: MIT
#include "service/session_service_table.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

/// Renewals closer than this to the last one are not worth a write to shared memory.
constexpr std::int64_t kRenewalStep = 1'000'000;

std::int64_t ticks(Timestamp time)
{
    return time.time_since_epoch().count();
}

Timestamp fromTicks(std::int64_t ticks)
{
    return Timestamp(std::chrono::microseconds(ticks));
}

} // namespace

Timestamp SessionTable::expiry(Timestamp created, Timestamp used) const
{
    const auto idle = used + life_.idle;
    return life_.absolute.count() > 0 ? std::min(idle, created + life_.absolute) : idle;
}

void SessionTable::add(const Token& token, const User& user)
{
    auto session = std::make_unique<Session>();
    session->token = token.id;
    session->created = token.createdAt;
    session->principal = {user.id, user.username, user.role, token.id};
    session->lastUsed = session->written = ticks(token.lastUsedAt);
    session->expires = ticks(std::min(token.expiresAt, expiry(token.createdAt, token.lastUsedAt)));
    auto& shard = shardOf(token.hash);
    std::unique_lock lock(shard.mutex);
    shard.sessions.insert_or_assign(token.hash, std::move(session));
}

std::optional<Principal> SessionTable::use(std::string_view hash, Timestamp now)
{
    auto& shard = shardOf(hash);
    std::shared_lock lock(shard.mutex);
    const auto place = shard.sessions.find(hash);
    if (place == shard.sessions.end())
        return std::nullopt;
    auto& session = *place->second;
    if (ticks(now) > session.expires.load(std::memory_order_relaxed))
        return std::nullopt;
    if (ticks(now) - session.lastUsed.load(std::memory_order_relaxed) >= kRenewalStep) {
        session.lastUsed.store(ticks(now), std::memory_order_relaxed);
        session.expires.store(ticks(expiry(session.created, now)), std::memory_order_relaxed);
    }
    return session.principal;
}

std::vector<std::int64_t> SessionTable::removeIf(const std::function<bool(std::int64_t, UserId)>& matches)
{
    std::vector<std::int64_t> removed;
    for (auto& shard : shards_) {
        std::unique_lock lock(shard.mutex);
        std::erase_if(shard.sessions, [&](const auto& entry) {
            if (!matches(entry.second->token, entry.second->principal.id))
                return false;
            removed.push_back(entry.second->token);
            return true;
        });
    }
    return removed;
}

void SessionTable::update(const User& user)
{
    for (auto& shard : shards_) {
        std::unique_lock lock(shard.mutex);
        for (auto& [hash, session] : shard.sessions)
            if (session->principal.id == user.id)
                session->principal = {user.id, user.username, user.role, session->token};
    }
}

std::vector<SessionTable::Use> SessionTable::usesOf(UserId user) const
{
    std::vector<Use> uses;
    for (const auto& shard : shards_) {
        std::shared_lock lock(shard.mutex);
        for (const auto& [hash, session] : shard.sessions)
            if (session->principal.id == user)
                uses.push_back({session->token, fromTicks(session->lastUsed), fromTicks(session->expires),
                                session->created});
    }
    std::ranges::sort(uses, {}, [](const Use& use) { return std::pair(use.lastUsedAt, use.token); });
    return uses;
}

std::vector<SessionTable::Use> SessionTable::takeRenewals(std::chrono::microseconds interval)
{
    std::vector<Use> renewals;
    for (auto& shard : shards_) {
        std::unique_lock lock(shard.mutex);
        for (auto& [hash, session] : shard.sessions) {
            const auto used = session->lastUsed.load();
            if (used - session->written < interval.count())
                continue;
            session->written = used;
            renewals.push_back({session->token, fromTicks(used), fromTicks(session->expires)});
        }
    }
    return renewals;
}

void SessionTable::removeExpired(Timestamp now)
{
    for (auto& shard : shards_) {
        std::unique_lock lock(shard.mutex);
        std::erase_if(shard.sessions, [&](const auto& entry) { return ticks(now) > entry.second->expires.load(); });
    }
}

std::size_t SessionTable::size() const
{
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        std::shared_lock lock(shard.mutex);
        count += shard.sessions.size();
    }
    return count;
}

} // namespace apbfarm::service

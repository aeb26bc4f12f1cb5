// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace apbfarm::service {

/// How long a session lives.
struct SessionLife {
    std::chrono::microseconds idle{};        ///< after its last use
    std::chrono::microseconds absolute{};    ///< after log-in; 0: no limit
};

/// All valid sessions in memory, by the hash of their token. Thread-safe.
///
/// Asking is the hot path of every request: one of many shards, locked for reading, and no write that two requests
/// of different sessions would share.
class SessionTable {
public:
    explicit SessionTable(SessionLife life) : life_(life) {}

    void add(const Token& token, const User& user);

    /// Whose it is, and renewed by being asked; empty when unknown or expired.
    std::optional<Principal> use(std::string_view hash, Timestamp now);

    /// Of the sessions that `matches`, by their token and user. Returns the ids of what was taken out.
    std::vector<std::int64_t> removeIf(const std::function<bool(std::int64_t token, UserId user)>& matches);

    /// Name and role of all sessions of that user.
    void update(const User& user);

    struct Use {
        std::int64_t token;
        Timestamp lastUsedAt, expiresAt, createdAt{};
    };
    /// Oldest use first.
    std::vector<Use> usesOf(UserId user) const;

    /// What was used since it was last taken from here at least `interval` ago. One thread at a time.
    std::vector<Use> takeRenewals(std::chrono::microseconds interval);
    /// Forgets what `now` finds expired.
    void removeExpired(Timestamp now);

    std::size_t size() const;

    /// When a session begun at `created` and last used at `used` ends.
    Timestamp expiry(Timestamp created, Timestamp used) const;

private:
    using Microseconds = std::int64_t;

    struct Session {
        std::int64_t token = 0;
        Timestamp created{};
        Principal principal;
        std::atomic<Microseconds> lastUsed{0};
        std::atomic<Microseconds> expires{0};
        Microseconds written = 0;            // `lastUsed` as stored; touched under the shard's exclusive lock
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct alignas(64) Shard {
        mutable std::shared_mutex mutex;
        std::unordered_map<std::string, std::unique_ptr<Session>, Hash, std::equal_to<>> sessions;
    };

    Shard& shardOf(std::string_view hash) { return shards_[static_cast<unsigned char>(hash.back()) % shards_.size()]; }

    const SessionLife life_;
    std::array<Shard, 32> shards_;
};

} // namespace apbfarm::service

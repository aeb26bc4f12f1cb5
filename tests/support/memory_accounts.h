// SPDX-License-Identifier: MIT
#pragma once

#include "util/guarded.h"
#include "util/secrets.h"
#include "util/text.h"

#include <apbfarm/authenticator.h>
#include <apbfarm/storage.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

/// Accounts that keep the contract of `UserStore` without a disk.
class MemoryUserStore final : public UserStore {
public:
    std::optional<User> find(UserId id) override
    {
        return rows_.with([&](auto& rows) -> std::optional<User> {
            const auto row = rows.find(id);
            return row == rows.end() ? std::nullopt : std::optional(row->second.user);
        });
    }
    std::optional<User> findByName(const std::string& username) override
    {
        return rows_.with([&](auto& rows) {
            std::optional<User> found;
            for (auto& [id, row] : rows)
                if (util::equalsIgnoringCase(row.user.username, username) && (!found || row.user.active))
                    found = row.user;
            return found;
        });
    }
    std::vector<User> list(bool withInactive) override
    {
        return rows_.with([&](auto& rows) {
            std::vector<User> users;
            for (auto& [id, row] : rows)
                if (withInactive || row.user.active)
                    users.push_back(row.user);
            return users;
        });
    }
    bool hasActiveAdmin() override
    {
        return std::ranges::any_of(list(false), [](const User& user) { return user.role == Role::Admin; });
    }
    User create(const User& user, const std::string& passwordHash) override
    {
        if (const auto same = findByName(user.username); same && same->active)
            throw Conflict("Username '" + user.username + "' already exists");
        return rows_.with([&](auto& rows) {
            auto made = user;
            made.id = rows.empty() ? 1 : rows.rbegin()->first + 1;
            rows[made.id] = {made, passwordHash};
            return made;
        });
    }
    void update(const User& user) override
    {
        rows_.with([&](auto& rows) {
            const auto row = rows.find(user.id);
            if (row == rows.end())
                throw NotFound("No such user");
            row->second.user = user;
        });
    }
    void setLastLogin(UserId id, Timestamp at) override
    {
        rows_.with([&](auto& rows) { rows.at(id).user.lastLogin = at; });
    }
    std::optional<std::string> passwordHash(UserId id) override
    {
        return rows_.with([&](auto& rows) -> std::optional<std::string> {
            const auto row = rows.find(id);
            return row == rows.end() ? std::nullopt : std::optional(row->second.hash);
        });
    }
    void setPassword(UserId id, const std::string& passwordHash) override
    {
        rows_.with([&](auto& rows) { rows.at(id).hash = passwordHash; });
    }

private:
    struct Row {
        User user;
        std::string hash;
    };
    util::Guarded<std::map<UserId, Row>> rows_;
};

/// Sessions that keep the contract of `TokenStore`; a second farm on the same object is a restart.
class MemoryTokenStore final : public TokenStore {
public:
    std::vector<Token> listActive(Timestamp now) override
    {
        return rows_.with([&](auto& rows) {
            std::vector<Token> tokens;
            for (auto& row : rows)
                if (row.active && now <= row.token.expiresAt)
                    tokens.push_back(row.token);
            return tokens;
        });
    }
    Token create(const Token& token) override
    {
        return rows_.with([&](auto& rows) {
            auto made = token;
            made.id = ++last_;
            rows.push_back({made, true});
            return made;
        });
    }
    void renew(std::int64_t id, Timestamp lastUsedAt, Timestamp expiresAt) override
    {
        rows_.with([&](auto& rows) {
            for (auto& row : rows)
                if (row.token.id == id) {
                    row.token.lastUsedAt = lastUsedAt;
                    row.token.expiresAt = expiresAt;
                    ++renewals_;
                }
        });
    }
    void revoke(std::int64_t id) override
    {
        rows_.with([&](auto& rows) {
            for (auto& row : rows)
                row.active = row.active && row.token.id != id;
        });
    }
    int revokeAllOf(UserId user) override
    {
        return rows_.with([&](auto& rows) {
            int count = 0;
            for (auto& row : rows)
                if (row.active && row.token.user == user) {
                    row.active = false;
                    ++count;
                }
            return count;
        });
    }
    void removeExpired(Timestamp now) override
    {
        rows_.with([&](auto& rows) { std::erase_if(rows, [&](auto& row) { return row.token.expiresAt < now; }); });
    }

    int renewals() const
    {
        return rows_.with([&](auto&) { return renewals_; });
    }
    std::size_t rows() const
    {
        return rows_.with([](auto& rows) { return rows.size(); });
    }

private:
    struct Row {
        Token token;
        bool active;
    };
    util::Guarded<std::vector<Row>> rows_;
    std::int64_t last_ = 0;
    int renewals_ = 0;
};

class MemoryAuditStore final : public AuditStore {
public:
    void append(const AuditEvent& event) override
    {
        rows_.with([&](auto& rows) { rows.push_back(event); });
    }
    /// Newest first; knows no filters.
    std::vector<AuditEvent> list(const AuditQuery& query) override
    {
        return rows_.with([&](auto& rows) {
            const auto skipped = std::min<std::ptrdiff_t>(query.offset, std::ssize(rows));
            std::vector<AuditEvent> newest(rows.rbegin() + skipped, rows.rend());
            newest.resize(std::min<std::size_t>(newest.size(), static_cast<std::size_t>(query.limit)));
            return newest;
        });
    }
    std::int64_t count(const AuditQuery&) override
    {
        return rows_.with([](auto& rows) { return std::ssize(rows); });
    }

private:
    util::Guarded<std::vector<AuditEvent>> rows_;
};

/// Checks passwords against a `UserStore`, with one round of hashing instead of 600,000.
class QuickAuthenticator final : public Authenticator, public PasswordKeeper {
public:
    explicit QuickAuthenticator(UserStore& users) : users_(users) {}

    std::optional<Identity> authenticate(const Credentials& credentials) override
    {
        const auto user = users_.findByName(std::string(credentials.username));
        if (!user || !matches(users_.passwordHash(user->id).value_or(""), credentials.password))
            return std::nullopt;
        return Identity{user->username, user->email, user->role};
    }
    PasswordKeeper* passwords() override { return this; }

    std::string hash(std::string_view password) override
    {
        const auto salt = util::toHex(util::randomBytes(8));
        return salt + ":" + util::sha256Hex(salt + std::string(password));
    }

private:
    static bool matches(const std::string& stored, std::string_view password)
    {
        const auto colon = stored.find(':');
        return colon != stored.npos
               && stored.substr(colon + 1) == util::sha256Hex(stored.substr(0, colon) + std::string(password));
    }

    UserStore& users_;
};

} // namespace apbfarm::test

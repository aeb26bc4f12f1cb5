// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sqlite_connection.h"

#include <filesystem>
#include <string>

namespace apbfarm::test {

/// Databases as existing farms leave them: rollback journal, no schema version, columns in the order they were added.
class OldFarm {
public:
    explicit OldFarm(const std::filesystem::path& file) : connection_(file, storage::SqliteConnection::Use::Write) {}

    /// The first release that kept accounts.
    OldFarm& firstRelease()
    {
        sql(R"(CREATE TABLE builds (id TEXT PRIMARY KEY, server_url TEXT, server_arch TEXT, pkgname TEXT, status TEXT,
                start_time REAL, end_time REAL, created_at REAL, queue_position INTEGER, submission_group TEXT,
                last_known_status TEXT, last_status_update REAL, server_available BOOLEAN DEFAULT 1,
                cached_response TEXT, user_id INTEGER))");
        sql(R"(CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL,
                password_hash TEXT NOT NULL, role TEXT NOT NULL DEFAULT 'user', created_at REAL NOT NULL,
                last_login REAL, is_active BOOLEAN DEFAULT 1))");
        sql(R"(CREATE TABLE tokens (id INTEGER PRIMARY KEY AUTOINCREMENT, token_hash TEXT UNIQUE NOT NULL,
                user_id INTEGER NOT NULL, created_at REAL NOT NULL, last_used_at REAL NOT NULL,
                expires_at REAL NOT NULL, is_active BOOLEAN DEFAULT 1, FOREIGN KEY (user_id) REFERENCES users (id)))");
        sql("CREATE INDEX idx_tokens_hash ON tokens(token_hash)");
        sql("CREATE INDEX idx_tokens_user ON tokens(user_id)");
        sql("CREATE INDEX idx_builds_user ON builds(user_id)");
        return *this;
    }

    /// The same database after it grew with each later release.
    OldFarm& grown()
    {
        for (const auto* column : {"build_timeout INTEGER DEFAULT 7200", "epoch TEXT", "pkgver TEXT", "pkgrel TEXT",
                                   "archived BOOLEAN DEFAULT 0", "first_missing_at REAL"})
            sql("ALTER TABLE builds ADD COLUMN " + std::string(column));
        sql("ALTER TABLE users ADD COLUMN email TEXT");
        sql("ALTER TABLE users ADD COLUMN email_notifications_enabled BOOLEAN DEFAULT 1");
        laterTables();
        return *this;
    }

    /// Made fresh by the last release: `user_id` behind `build_timeout`.
    OldFarm& lastRelease()
    {
        firstRelease();
        sql("DROP TABLE builds");
        sql(R"(CREATE TABLE builds (id TEXT PRIMARY KEY, server_url TEXT, server_arch TEXT, pkgname TEXT, status TEXT,
                start_time REAL, end_time REAL, created_at REAL, queue_position INTEGER, submission_group TEXT,
                last_known_status TEXT, last_status_update REAL, server_available BOOLEAN DEFAULT 1,
                cached_response TEXT, build_timeout INTEGER DEFAULT 7200, user_id INTEGER, epoch TEXT, pkgver TEXT,
                pkgrel TEXT, first_missing_at REAL))");
        sql("CREATE INDEX idx_builds_user ON builds(user_id)");
        sql("ALTER TABLE users ADD COLUMN email TEXT");
        sql("ALTER TABLE users ADD COLUMN email_notifications_enabled BOOLEAN DEFAULT 1");
        laterTables();
        return *this;
    }

    OldFarm& sql(const std::string& text)
    {
        connection_.script("PRAGMA foreign_keys=OFF;" + text);
        return *this;
    }

private:
    void laterTables()
    {
        sql(R"(CREATE TABLE smtp_config (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL,
                port INTEGER NOT NULL, username TEXT, password TEXT, use_tls BOOLEAN DEFAULT 1, from_email TEXT,
                from_name TEXT, created_at REAL NOT NULL, updated_at REAL NOT NULL))");
        sql(R"(CREATE TABLE cached_artifacts (id INTEGER PRIMARY KEY AUTOINCREMENT, build_id TEXT NOT NULL,
                filename TEXT NOT NULL, file_path TEXT NOT NULL, file_size INTEGER NOT NULL, cached_at REAL NOT NULL,
                last_accessed REAL NOT NULL, content_type TEXT DEFAULT 'application/octet-stream',
                UNIQUE(build_id, filename)))");
    }

    storage::SqliteConnection connection_;
};

} // namespace apbfarm::test

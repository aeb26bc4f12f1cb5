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

    /// The first releases with accounts, which the documented schema describes.
    OldFarm& firstRelease()
    {
        builds("cached_response TEXT, user_id INTEGER, build_timeout INTEGER DEFAULT 7200");
        accounts("email TEXT");
        sql(R"(CREATE TABLE smtp_config (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL,
                port INTEGER NOT NULL, username TEXT, password TEXT, use_tls BOOLEAN DEFAULT 1, from_email TEXT,
                from_name TEXT, created_at REAL NOT NULL, updated_at REAL NOT NULL))");
        return *this;
    }

    /// O-07: versions of packages.
    OldFarm& july()
    {
        firstRelease();
        for (const auto* column : {"epoch TEXT", "pkgver TEXT", "pkgrel TEXT"})
            sql("ALTER TABLE builds ADD COLUMN " + std::string(column));
        return *this;
    }

    /// O-10: a cache of files, repositories, mail switches.
    OldFarm& october()
    {
        july();
        sql("ALTER TABLE builds ADD COLUMN first_missing_at REAL");
        sql("ALTER TABLE users ADD COLUMN email_notifications_enabled BOOLEAN DEFAULT 1");
        laterTables();
        return *this;
    }

    /// O-10 as it is where one particular build of 2025-07-25 was run before.
    OldFarm& grown()
    {
        october();
        for (const auto* column : {"archived BOOLEAN DEFAULT 0", "archive_requested BOOLEAN DEFAULT 0"})
            sql("ALTER TABLE builds ADD COLUMN " + std::string(column));
        return sql("CREATE TABLE archived_files (id INTEGER PRIMARY KEY, build_id TEXT, file_path TEXT);"
                   "INSERT INTO archived_files (build_id, file_path) VALUES ('b1', '/somewhere')");
    }

    /// O-26, made fresh: `user_id` behind `build_timeout`.
    OldFarm& lastRelease()
    {
        builds("cached_response TEXT, build_timeout INTEGER DEFAULT 7200, user_id INTEGER, epoch TEXT, pkgver TEXT, "
               "pkgrel TEXT, first_missing_at REAL");
        accounts("email TEXT, email_notifications_enabled BOOLEAN DEFAULT 1");
        sql(R"(CREATE TABLE smtp_config (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL,
                port INTEGER NOT NULL, username TEXT, password TEXT, use_tls BOOLEAN DEFAULT 1, from_email TEXT,
                from_name TEXT, created_at REAL NOT NULL, updated_at REAL NOT NULL))");
        laterTables();
        return *this;
    }

    OldFarm& sql(const std::string& text)
    {
        connection_.script("PRAGMA foreign_keys=OFF;" + text);
        return *this;
    }

private:
    void builds(const std::string& laterColumns)
    {
        sql(R"(CREATE TABLE builds (id TEXT PRIMARY KEY, server_url TEXT, server_arch TEXT, pkgname TEXT, status TEXT,
                start_time REAL, end_time REAL, created_at REAL, queue_position INTEGER, submission_group TEXT,
                last_known_status TEXT, last_status_update REAL, server_available BOOLEAN DEFAULT 1, )" +
            laterColumns + ")");
        sql("CREATE INDEX idx_builds_user ON builds(user_id)");
    }

    void accounts(const std::string& laterColumns)
    {
        sql(R"(CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL,
                password_hash TEXT NOT NULL, role TEXT NOT NULL DEFAULT 'user', created_at REAL NOT NULL,
                last_login REAL, is_active BOOLEAN DEFAULT 1, )" + laterColumns + ")");
        sql(R"(CREATE TABLE tokens (id INTEGER PRIMARY KEY AUTOINCREMENT, token_hash TEXT UNIQUE NOT NULL,
                user_id INTEGER NOT NULL, created_at REAL NOT NULL, last_used_at REAL NOT NULL,
                expires_at REAL NOT NULL, is_active BOOLEAN DEFAULT 1, FOREIGN KEY (user_id) REFERENCES users (id)))");
        sql("CREATE INDEX idx_tokens_hash ON tokens(token_hash)");
        sql("CREATE INDEX idx_tokens_user ON tokens(user_id)");
    }

    void laterTables()
    {
        sql(R"(CREATE TABLE cached_artifacts (id INTEGER PRIMARY KEY AUTOINCREMENT, build_id TEXT NOT NULL,
                filename TEXT NOT NULL, file_path TEXT NOT NULL, file_size INTEGER NOT NULL, cached_at REAL NOT NULL,
                last_accessed REAL NOT NULL, content_type TEXT DEFAULT 'application/octet-stream',
                UNIQUE(build_id, filename)))");
        sql(R"(CREATE TABLE custom_repositories (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL,
                url TEXT NOT NULL, gpg_key_id TEXT NOT NULL, description TEXT, is_active BOOLEAN DEFAULT 1,
                created_at REAL NOT NULL, created_by INTEGER NOT NULL,
                FOREIGN KEY (created_by) REFERENCES users (id)))");
    }

    storage::SqliteConnection connection_;
};

} // namespace apbfarm::test

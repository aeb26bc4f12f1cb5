-- SPDX-License-Identifier: MIT
-- The documented tables with the columns of every existing release, then what this farm adds. Over the database of
-- an existing farm the migrator first adds the columns that are missing, so each new one is nullable or has a default.

CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT UNIQUE NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'user',
    created_at REAL NOT NULL,
    last_login REAL,
    email TEXT,
    is_active BOOLEAN DEFAULT 1,
    email_notifications_enabled BOOLEAN DEFAULT 1
);

CREATE TABLE IF NOT EXISTS builds (
    id TEXT PRIMARY KEY,
    server_url TEXT,
    server_arch TEXT,
    pkgname TEXT,
    status TEXT,
    start_time REAL,
    end_time REAL,
    created_at REAL,
    queue_position INTEGER,
    submission_group TEXT,
    last_known_status TEXT,
    last_status_update REAL,
    server_available BOOLEAN DEFAULT 1,
    cached_response TEXT,
    user_id INTEGER,
    build_timeout INTEGER DEFAULT 7200,
    epoch TEXT,
    pkgver TEXT,
    pkgrel TEXT,
    first_missing_at REAL,
    sequence INTEGER,
    revision INTEGER DEFAULT 0,
    state TEXT,
    any_architecture BOOLEAN DEFAULT 0,
    payload TEXT,
    attempt INTEGER DEFAULT 0,
    uncertain BOOLEAN DEFAULT 0,
    ending TEXT,
    refused_by TEXT,
    reason TEXT,
    pkgnames TEXT,
    pkgbuild_arches TEXT,
    artifacts_given_up BOOLEAN DEFAULT 0,
    FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE IF NOT EXISTS tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL,
    created_at REAL NOT NULL,
    last_used_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    is_active BOOLEAN DEFAULT 1,
    FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE IF NOT EXISTS smtp_config (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server TEXT NOT NULL,
    port INTEGER NOT NULL,
    username TEXT,
    password TEXT,
    use_tls BOOLEAN DEFAULT 1,
    from_email TEXT,
    from_name TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS cached_artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    build_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    file_path TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    cached_at REAL NOT NULL,
    last_accessed REAL NOT NULL,
    content_type TEXT DEFAULT 'application/octet-stream',
    UNIQUE (build_id, filename)
);

CREATE TABLE IF NOT EXISTS build_attempts (
    build_id TEXT NOT NULL REFERENCES builds (id),
    number INTEGER NOT NULL,
    server_url TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL,
    outcome TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (build_id, number)
);

CREATE TABLE IF NOT EXISTS artifacts (
    build_id TEXT NOT NULL REFERENCES builds (id),
    filename TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    content_type TEXT NOT NULL,
    stored_at REAL NOT NULL,
    PRIMARY KEY (build_id, filename)
);

CREATE TABLE IF NOT EXISTS payloads (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS idempotency (
    user_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    recipient_email TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    facts TEXT NOT NULL,
    created_at REAL NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    given_up BOOLEAN NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS audit_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    address TEXT NOT NULL,
    result TEXT NOT NULL,
    request_id TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- SPDX-License-Identifier: MIT
-- Custom pacman repositories, the newest build of a package, and the age of kept files.

CREATE TABLE IF NOT EXISTS custom_repositories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE NOT NULL,
    url TEXT NOT NULL,
    gpg_key_id TEXT NOT NULL,
    description TEXT,
    is_active BOOLEAN DEFAULT 1,
    created_at REAL NOT NULL,
    created_by INTEGER NOT NULL,
    FOREIGN KEY (created_by) REFERENCES users (id)
);

ALTER TABLE builds ADD COLUMN extra_repos TEXT;

CREATE INDEX idx_builds_pkgname_arch ON builds (pkgname, server_arch, created_at);
-- Queries must repeat the condition word for word.
CREATE INDEX idx_builds_pkgname_completed ON builds (pkgname, server_arch, created_at) WHERE status = 'completed';

CREATE INDEX idx_artifacts_stored_at ON artifacts (stored_at);
CREATE INDEX idx_artifacts_sha256 ON artifacts (sha256, size);

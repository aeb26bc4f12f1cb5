-- SPDX-License-Identifier: MIT
-- Apart from the tables, so that rows of an existing farm can be taken over without keeping indexes up to date.

CREATE INDEX IF NOT EXISTS idx_users_username ON users (username COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS idx_users_role ON users (role);
CREATE INDEX IF NOT EXISTS idx_users_active ON users (is_active);

CREATE INDEX IF NOT EXISTS idx_tokens_hash ON tokens (token_hash);
CREATE INDEX IF NOT EXISTS idx_tokens_user ON tokens (user_id);
CREATE INDEX IF NOT EXISTS idx_tokens_expires ON tokens (expires_at);
CREATE INDEX IF NOT EXISTS idx_tokens_active ON tokens (is_active);

-- The documented names; the time behind the documented column gives lists in their order without sorting.
DROP INDEX IF EXISTS idx_builds_user;
DROP INDEX IF EXISTS idx_builds_status;
DROP INDEX IF EXISTS idx_builds_server_arch;
CREATE INDEX idx_builds_user ON builds (user_id, created_at);
CREATE INDEX idx_builds_status ON builds (status, created_at);
CREATE INDEX idx_builds_server_arch ON builds (server_arch, created_at);
CREATE INDEX IF NOT EXISTS idx_builds_created_at ON builds (created_at);
CREATE INDEX IF NOT EXISTS idx_builds_submission_group ON builds (submission_group);
CREATE INDEX idx_builds_pkgname ON builds (pkgname, created_at);
CREATE UNIQUE INDEX idx_builds_sequence ON builds (sequence);

-- Small whatever the number of finished builds. Queries must repeat the condition word for word.
CREATE INDEX idx_builds_live ON builds (sequence)
    WHERE state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling');
CREATE INDEX idx_builds_live_payload ON builds (payload)
    WHERE state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling');
-- Rows that another program wrote after the migration; empty as a rule.
CREATE INDEX idx_builds_foreign ON builds (id) WHERE state IS NULL;

CREATE INDEX idx_outbox_due ON outbox (due_at) WHERE given_up = 0;

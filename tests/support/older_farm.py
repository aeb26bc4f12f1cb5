#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an existing farm does with its database, statement by statement, as its documented tables have it.

    older_farm.py FILE open                    create what is missing, as at each of its starts
    older_farm.py FILE login NAME PASSWORD     prints a token
    older_farm.py FILE token TOKEN             prints whose it is
    older_farm.py FILE work NAME               submits, follows, discovers, caches, changes settings and accounts
    older_farm.py FILE builds                  prints id, status and owner of each build
    older_farm.py FILE mail                    prints the mail password
"""
import hashlib
import hmac
import secrets
import sqlite3
import sys
import time
import uuid

BUILDS = """CREATE TABLE IF NOT EXISTS builds (id TEXT PRIMARY KEY, server_url TEXT, server_arch TEXT, pkgname TEXT,
    status TEXT, start_time REAL, end_time REAL, created_at REAL, queue_position INTEGER, submission_group TEXT)"""
LATER_COLUMNS = [
    ("builds", "last_known_status TEXT"), ("builds", "last_status_update REAL"),
    ("builds", "server_available BOOLEAN DEFAULT 1"), ("builds", "cached_response TEXT"),
    ("builds", "build_timeout INTEGER DEFAULT 7200"), ("builds", "user_id INTEGER"), ("builds", "epoch TEXT"),
    ("builds", "pkgver TEXT"), ("builds", "pkgrel TEXT"), ("builds", "first_missing_at REAL"),
    ("users", "email TEXT"), ("users", "email_notifications_enabled BOOLEAN DEFAULT 1")]
OTHERS = [
    """CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL,
        password_hash TEXT NOT NULL, role TEXT NOT NULL DEFAULT 'user', created_at REAL NOT NULL, last_login REAL,
        is_active BOOLEAN DEFAULT 1)""",
    """CREATE TABLE IF NOT EXISTS tokens (id INTEGER PRIMARY KEY AUTOINCREMENT, token_hash TEXT UNIQUE NOT NULL,
        user_id INTEGER NOT NULL, created_at REAL NOT NULL, last_used_at REAL NOT NULL, expires_at REAL NOT NULL,
        is_active BOOLEAN DEFAULT 1, FOREIGN KEY (user_id) REFERENCES users (id))""",
    """CREATE TABLE IF NOT EXISTS smtp_config (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL,
        port INTEGER NOT NULL, username TEXT, password TEXT, use_tls BOOLEAN DEFAULT 1, from_email TEXT,
        from_name TEXT, created_at REAL NOT NULL, updated_at REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS cached_artifacts (id INTEGER PRIMARY KEY AUTOINCREMENT, build_id TEXT NOT NULL,
        filename TEXT NOT NULL, file_path TEXT NOT NULL, file_size INTEGER NOT NULL, cached_at REAL NOT NULL,
        last_accessed REAL NOT NULL, content_type TEXT DEFAULT 'application/octet-stream',
        UNIQUE(build_id, filename))""",
    """CREATE TABLE IF NOT EXISTS custom_repositories (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL,
        url TEXT NOT NULL, gpg_key_id TEXT NOT NULL, description TEXT, is_active BOOLEAN DEFAULT 1,
        created_at REAL NOT NULL, created_by INTEGER NOT NULL, FOREIGN KEY (created_by) REFERENCES users (id))""",
    "CREATE INDEX IF NOT EXISTS idx_tokens_hash ON tokens(token_hash)",
    "CREATE INDEX IF NOT EXISTS idx_tokens_user ON tokens(user_id)",
    "CREATE INDEX IF NOT EXISTS idx_builds_user ON builds(user_id)"]


def start(db):
    db.execute(BUILDS)
    for statement in OTHERS:
        db.execute(statement)
    for table, column in LATER_COLUMNS:
        try:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        except sqlite3.OperationalError as error:
            if "duplicate column" not in str(error):
                raise


def hash_of(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 100000).hex()


def login(db, name, password):
    user, stored = db.execute(
        "SELECT id, password_hash FROM users WHERE username = ? AND is_active = 1", (name,)).fetchone()
    salt, _, digest = stored.partition(":")
    if not hmac.compare_digest(hash_of(password, salt), digest):
        sys.exit("wrong password")
    token, now = secrets.token_urlsafe(32), time.time()
    db.execute("INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at, is_active) "
               "VALUES (?, ?, ?, ?, ?, 1)",
               (hashlib.sha256(token.encode()).hexdigest(), user, now, now, now + 864000))
    db.execute("UPDATE users SET last_login = ? WHERE id = ?", (now, user))
    return token


def owner_of(db, token):
    row = db.execute("SELECT t.id, u.username, t.expires_at FROM tokens t JOIN users u ON u.id = t.user_id "
                     "WHERE t.token_hash = ? AND t.is_active = 1 AND u.is_active = 1",
                     (hashlib.sha256(token.encode()).hexdigest(),)).fetchone()
    if not row or row[2] < time.time():
        sys.exit("no such token")
    db.execute("UPDATE tokens SET last_used_at = ?, expires_at = ? WHERE id = ?",
               (time.time(), time.time() + 864000, row[0]))
    return row[1]


def submit(db, name, user):
    build, now = str(uuid.uuid4()), time.time()
    db.execute("INSERT INTO builds (id, server_url, server_arch, pkgname, status, created_at, queue_position, "
               "submission_group, user_id, build_timeout, epoch, pkgver, pkgrel) "
               "VALUES (?, NULL, 'x86_64', ?, 'queued', ?, 1, ?, ?, 7200, NULL, '1.0', '1')",
               (build, name, now, str(uuid.uuid4()), user))
    return build


def work(db, name):
    user = db.execute("SELECT id FROM users WHERE username = ?", (name,)).fetchone()[0]
    now = time.time()
    done = submit(db, "finished-by-the-older-farm", user)
    db.execute("UPDATE builds SET status = 'building', server_url = 'http://127.0.0.1:9', start_time = ?, "
               "last_known_status = 'building', last_status_update = ? WHERE id = ?", (now, now, done))
    db.execute("UPDATE builds SET status = 'completed', end_time = ?, cached_response = '{}', server_available = 1, "
               "first_missing_at = NULL WHERE id = ?", (now, done))
    submit(db, "waiting-in-the-older-farm", user)
    db.execute("INSERT INTO builds (id, server_url, server_arch, pkgname, status, start_time, end_time, created_at, "
               "last_known_status, last_status_update) VALUES (?, 'http://127.0.0.1:9', 'x86_64', "
               "'discovered-by-the-older-farm', 'failed', '2026-11-21T20:49:52.171154+00:00', "
               "'2026-11-21T20:50:52+00:00', ?, 'failed', ?)", (str(uuid.uuid4()), now, now))
    db.execute("INSERT OR REPLACE INTO cached_artifacts (build_id, filename, file_path, file_size, cached_at, "
               "last_accessed, content_type) VALUES (?, 'x.pkg.tar.zst', '/nowhere', 1, ?, ?, 'application/zstd')",
               (done, now, now))
    salt = secrets.token_hex(32)
    db.execute("INSERT INTO users (username, password_hash, role, created_at, email) VALUES (?, ?, 'user', ?, NULL)",
               ("made-by-the-older-farm", salt + ":" + hash_of("a password of it", salt), now))
    db.execute("UPDATE users SET email_notifications_enabled = 0 WHERE username = 'made-by-the-older-farm'")
    db.execute("DELETE FROM smtp_config")
    db.execute("INSERT INTO smtp_config (server, port, username, password, use_tls, from_email, from_name, created_at, "
               "updated_at) VALUES ('mail.example.org', 587, 'farm', 'plain again', 1, NULL, NULL, ?, ?)", (now, now))
    db.execute("INSERT INTO custom_repositories (name, url, gpg_key_id, description, is_active, created_at, created_by) "
               "VALUES ('theirs', 'https://repo.example.org', 'ABCD', '', 1, ?, ?)", (now, user))
    db.execute("DELETE FROM tokens WHERE expires_at < ?", (now,))


def main():
    db = sqlite3.connect(sys.argv[1], timeout=30)
    command, arguments = sys.argv[2], sys.argv[3:]
    start(db)
    if command == "login":
        print(login(db, *arguments))
    elif command == "token":
        print(owner_of(db, *arguments))
    elif command == "work":
        work(db, *arguments)
    elif command == "builds":
        for row in db.execute("SELECT b.id, b.status, u.username, b.pkgname, b.server_arch, b.start_time, b.end_time, "
                              "b.created_at, b.epoch, b.pkgver, b.pkgrel FROM builds b LEFT JOIN users u "
                              "ON u.id = b.user_id ORDER BY b.created_at DESC LIMIT 100"):
            print(row[0], row[1], row[2])
    elif command == "mail":
        print(db.execute("SELECT password FROM smtp_config ORDER BY updated_at DESC LIMIT 1").fetchone()[0])
    db.commit()


main()

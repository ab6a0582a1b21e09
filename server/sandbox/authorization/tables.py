"""What the authorization server remembers. Tokens, codes and cookies are kept as hashes only."""

import hashlib

TABLES = """
CREATE TABLE IF NOT EXISTS clients (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, auth_method TEXT NOT NULL,
    redirect_uris TEXT NOT NULL, grant_types TEXT NOT NULL, details TEXT NOT NULL, rotates INTEGER NOT NULL,
    leeway INTEGER NOT NULL, access_lifetime INTEGER NOT NULL, dpop INTEGER NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
-- Okta shows a client's secrets to administrators again, so they are kept as they are where they are known.
CREATE TABLE IF NOT EXISTS client_secrets (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, secret TEXT,
    hash TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS client_secrets_by_client ON client_secrets (client_id);
CREATE TABLE IF NOT EXISTS client_keys (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, jwk TEXT NOT NULL,
    status TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS client_keys_by_client ON client_keys (client_id);
CREATE TABLE IF NOT EXISTS client_roles (
    id TEXT NOT NULL, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, type TEXT NOT NULL,
    created TEXT NOT NULL, UNIQUE (client_id, type)
);
CREATE TABLE IF NOT EXISTS app_grants (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE, scope TEXT NOT NULL,
    granted_by TEXT NOT NULL, created TEXT NOT NULL, UNIQUE (client_id, scope)
);
CREATE TABLE IF NOT EXISTS role_assignments (
    id TEXT NOT NULL, type TEXT NOT NULL, user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE, created TEXT NOT NULL, changed TEXT,
    custom_id TEXT, set_id TEXT, UNIQUE (user_id, type), UNIQUE (group_id, type)
);
CREATE TABLE IF NOT EXISTS role_targets (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, user_id TEXT, group_id TEXT, app TEXT,
    target_group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, type) REFERENCES role_assignments (user_id, type) ON DELETE CASCADE,
    FOREIGN KEY (group_id, type) REFERENCES role_assignments (group_id, type) ON DELETE CASCADE,
    UNIQUE (user_id, type, target_group_id), UNIQUE (group_id, type, target_group_id),
    UNIQUE (user_id, type, app), UNIQUE (group_id, type, app)
);
CREATE INDEX IF NOT EXISTS role_targets_by_target ON role_targets (target_group_id);
-- Files of earlier versions have one role a person, in a table of its own.
CREATE TABLE IF NOT EXISTS admins (user_id TEXT PRIMARY KEY, role TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO role_assignments (id, type, user_id, created)
    SELECT 'ra1' || substr(id, 4), role, id, created FROM admins JOIN users ON id = user_id;
DROP TABLE admins;
CREATE TABLE IF NOT EXISTS api_tokens (
    token TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    cookie TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    began REAL NOT NULL, ends REAL NOT NULL, id TEXT, lifetime REAL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS sessions_by_id ON sessions (id);
CREATE TABLE IF NOT EXISTS session_tokens (
    token TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, ends REAL NOT NULL
) WITHOUT ROWID;
-- What somebody holds who is about to choose a password: a link that was mailed, or a sign-in that is not done yet.
CREATE TABLE IF NOT EXISTS state_tokens (
    token TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, status TEXT NOT NULL,
    ends REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consents (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, client_id TEXT NOT NULL, scope TEXT NOT NULL,
    id TEXT, created TEXT, PRIMARY KEY (user_id, client_id, scope)
) WITHOUT ROWID;
UPDATE consents SET id = 'oag' || substr(hex(randomblob(9)), 1, 14) || '1d7',
    created = strftime('%Y-%m-%dT%H:%M:%S.000Z') WHERE id IS NULL; -- as they are in files of earlier versions
CREATE UNIQUE INDEX IF NOT EXISTS consents_by_id ON consents (id);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, client_id TEXT NOT NULL, user_id TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL, challenge TEXT, nonce TEXT, signed_in REAL NOT NULL, ends REAL NOT NULL, family TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pushed_requests (
    name TEXT PRIMARY KEY, request TEXT NOT NULL, ends REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY, jti TEXT NOT NULL, family TEXT NOT NULL, client_id TEXT NOT NULL, user_id TEXT,
    scopes TEXT NOT NULL, issued REAL NOT NULL, ends REAL NOT NULL, thumbprint TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS access_tokens_by_family ON access_tokens (family);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    token TEXT PRIMARY KEY, family TEXT NOT NULL, client_id TEXT NOT NULL, user_id TEXT NOT NULL,
    scopes TEXT NOT NULL, signed_in REAL NOT NULL, ends REAL NOT NULL, replaced REAL, id TEXT, created REAL
) WITHOUT ROWID;
UPDATE refresh_tokens SET id = 'oar' || substr(hex(randomblob(9)), 1, 14) || '1d7', created = signed_in
    WHERE id IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS refresh_tokens_by_id ON refresh_tokens (id);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE TABLE IF NOT EXISTS device_codes (
    code TEXT PRIMARY KEY, user_code TEXT NOT NULL UNIQUE, client_id TEXT NOT NULL, scopes TEXT NOT NULL,
    ends REAL NOT NULL, polled REAL, status TEXT NOT NULL, user_id TEXT, signed_in REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assertions (jti TEXT PRIMARY KEY, ends REAL NOT NULL) WITHOUT ROWID;
"""


LATER = [
    ("access_tokens", "thumbprint", "TEXT"),
    ("role_assignments", "changed", "TEXT"),
    ("role_assignments", "custom_id", "TEXT"),
    ("role_assignments", "set_id", "TEXT"),
    ("sessions", "id", "TEXT"),
    ("sessions", "lifetime", "REAL"),
    ("consents", "id", "TEXT"),
    ("consents", "created", "TEXT"),
    ("refresh_tokens", "id", "TEXT"),
    ("refresh_tokens", "created", "REAL"),
]
"""Columns that files of earlier versions lack: table, name, kind."""


def kept(secret: str) -> str:
    """How a token, code or cookie is remembered: random enough that a plain hash hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Applications as the org keeps them, and who has them.

`group_apps` says which group gives which application; a group's numbers are counted from it. `app_users` has the
assignments of people, of both kinds: made for the person (`USER`) or for a group of theirs (`GROUP`), which
`entitlements` keeps in step with memberships.
"""

_OF_A_CLIENT = "'oidc_client', name, 'ACTIVE', 'OPENID_CONNECT', '{}'"
_CREATED = "strftime('%Y-%m-%dT%H:%M:%S.000Z', created, 'unixepoch')"
_FROM_CLIENTS = (
    "INSERT OR IGNORE INTO apps (id, client_id, name, label, status, sign_on_mode, document, created, last_updated) "
    f"SELECT id, id, {_OF_A_CLIENT}, {_CREATED}, {_CREATED} FROM clients"
)

TABLES = f"""
CREATE TABLE IF NOT EXISTS apps (
    id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, label TEXT NOT NULL COLLATE NOCASE, status TEXT NOT NULL,
    sign_on_mode TEXT, document TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL, client_id TEXT,
    policy_id TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS apps_by_client ON apps (client_id);
CREATE TABLE IF NOT EXISTS group_apps (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE, app_id TEXT NOT NULL,
    PRIMARY KEY (group_id, app_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS group_apps_by_app ON group_apps (app_id, group_id);
CREATE TABLE IF NOT EXISTS group_app_details (
    group_id TEXT NOT NULL, app_id TEXT NOT NULL, priority INTEGER NOT NULL, profile TEXT NOT NULL,
    last_updated TEXT NOT NULL, PRIMARY KEY (group_id, app_id),
    FOREIGN KEY (group_id, app_id) REFERENCES group_apps (group_id, app_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS app_users (
    id TEXT NOT NULL UNIQUE, app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, scope TEXT NOT NULL, user_name TEXT,
    profile TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL, password_changed TEXT,
    PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS app_users_by_user ON app_users (user_id, app_id);
CREATE INDEX IF NOT EXISTS app_users_by_app ON app_users (app_id, id);
CREATE TABLE IF NOT EXISTS app_keys (
    app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE, kid TEXT NOT NULL, jwk TEXT NOT NULL,
    PRIMARY KEY (app_id, kid)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS apps_are_removed AFTER DELETE ON apps BEGIN
    DELETE FROM group_apps WHERE app_id = old.id;
    DELETE FROM schemas WHERE kind = old.id;
    DELETE FROM role_targets WHERE app = old.name || '/' || old.id;
END;
-- An OAuth client is an application, whichever way it was registered.
CREATE TRIGGER IF NOT EXISTS clients_are_apps AFTER INSERT ON clients BEGIN
    {_FROM_CLIENTS} WHERE id = new.id;
END;
CREATE TRIGGER IF NOT EXISTS clients_are_renamed AFTER UPDATE OF name ON clients BEGIN
    UPDATE apps SET label = new.name WHERE client_id = new.id;
END;
CREATE TRIGGER IF NOT EXISTS clients_are_removed AFTER DELETE ON clients BEGIN
    DELETE FROM apps WHERE client_id = old.id;
END;
{_FROM_CLIENTS}; -- as they are in files of earlier versions
"""

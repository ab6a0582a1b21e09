"""People as the org keeps them: their rows, and the objects that Okta's API makes of these."""

import hashlib
import hmac
import json
import secrets
from sqlite3 import Row
from typing import Any

from server.sandbox.database import dump
from server.sandbox.org import Org
from server.sandbox.problems import not_found
from server.sandbox.profiles import full_name, login_key
from server.sandbox.schemas import attributes, schema_id, user_type_id
from server.sandbox.scim import SqlColumn

_COPIED = {
    # Attributes that lists are searched by and sorted in, each with a column of its own beside the profile.
    "firstName": "first_name",
    "lastName": "last_name",
    "email": "email",
    "department": "department",
    "title": "title",
    "manager": "manager",
    "employeeNumber": "employee_number",
}


TABLES = f"""
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL COLLATE NOCASE,
    login_key TEXT,
    status TEXT NOT NULL,
    status_before TEXT,
    profile TEXT NOT NULL,
    created TEXT NOT NULL,
    activated TEXT,
    status_changed TEXT,
    last_login TEXT,
    last_updated TEXT NOT NULL,
    password_changed TEXT,
    password TEXT,
    question TEXT,
    answer TEXT,
    provider TEXT NOT NULL DEFAULT 'OKTA',
    failed_sign_ins INTEGER NOT NULL DEFAULT 0,
    {", ".join(f"{name} TEXT COLLATE NOCASE" for name in _COPIED.values())}
) WITHOUT ROWID;
UPDATE users SET {", ".join(f"{name} = json_extract(profile, '$.{attribute}')" for attribute, name in _COPIED.items())}
    WHERE first_name IS NULL OR login_key IS NULL; -- as they are in files of earlier versions
UPDATE users SET login_key = login_key(login) WHERE login_key IS NULL;
CREATE INDEX IF NOT EXISTS users_by_login_key ON users (login_key);
CREATE INDEX IF NOT EXISTS users_in_short
    ON users (id, status, first_name, last_name, email, login, department, title, created, last_updated);
CREATE INDEX IF NOT EXISTS users_by_status ON users (status, id);
CREATE INDEX IF NOT EXISTS users_by_update ON users (last_updated, id);
CREATE INDEX IF NOT EXISTS users_by_creation ON users (created, id);
CREATE INDEX IF NOT EXISTS users_in_order_of_login ON users (login, id);
""" + "".join(
    f"CREATE INDEX IF NOT EXISTS users_in_order_of_{name} ON users ({name}, id);\n"
    f"DROP INDEX IF EXISTS users_by_{attribute};\n"  # of earlier versions
    for attribute, name in _COPIED.items()
)
LATER = [("users", name, "TEXT COLLATE NOCASE") for name in _COPIED.values()] + [
    ("users", "login_key", "TEXT"),
    ("users", "failed_sign_ins", "INTEGER NOT NULL DEFAULT 0"),
]
"""Columns that files of earlier versions lack: table, name, kind."""

IN_SHORT = "users_in_short"
"""The index in the order of ids that holds whatever may be searched for by a part of it, so that no row is read."""

ALWAYS_SHOWN = ("firstName", "lastName", "mobilePhone", "secondEmail", "login", "email")
"""Attributes that are in every profile, null where they are not set; all others are left out then."""

_DATES = {
    "created": "created",
    "activated": "activated",
    "statusChanged": "status_changed",
    "lastUpdated": "last_updated",
    "lastLogin": "last_login",
    "passwordChanged": "password_changed",
}
COLUMNS = {
    "id": SqlColumn("id", index=IN_SHORT),
    # Plus: most people have one status, so an index of it finds nothing.
    "status": SqlColumn("+status"),
    "created": SqlColumn("created", "date", index="users_by_creation"),
    "lastUpdated": SqlColumn("last_updated", "date", index="users_by_update"),
    "profile.login": SqlColumn("login", index="users_in_order_of_login"),
    **{
        f"profile.{attribute}": SqlColumn(name, index=f"users_in_order_of_{name}")
        for attribute, name in _COPIED.items()
    },
}
_KINDS = {"boolean": "boolean", "integer": "number", "number": "number", "array": "array"}
_LIFECYCLE = {
    "activate": "lifecycle/activate",
    "deactivate": "lifecycle/deactivate",
    "reactivate": "lifecycle/reactivate",
    "suspend": "lifecycle/suspend",
    "unsuspend": "lifecycle/unsuspend",
    "unlock": "lifecycle/unlock",
    "resetPassword": "lifecycle/reset_password",
    "resetFactors": "lifecycle/reset_factors",
    "expirePassword": "lifecycle/expire_password",
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
    "forgotPassword": "credentials/forgot_password",
}
_CREDENTIAL_LINKS = frozenset(
    {"resetPassword", "expirePassword", "changePassword", "changeRecoveryQuestion", "forgotPassword"}
)
_SIGNED_IN = ("changePassword", "changeRecoveryQuestion", "deactivate", "expirePassword", "resetPassword", "suspend")
_OFFERED = {
    "STAGED": ("activate",),
    "PROVISIONED": ("deactivate", "reactivate", "resetPassword", "suspend"),
    "ACTIVE": _SIGNED_IN,
    "PASSWORD_EXPIRED": _SIGNED_IN,
    "RECOVERY": ("deactivate", "resetPassword", "suspend"),
    "LOCKED_OUT": ("unlock", "deactivate", "resetPassword", "suspend"),
    "SUSPENDED": ("deactivate", "unsuspend"),
    "DEPROVISIONED": ("activate",),
}


def column(org: Org, attribute: str) -> SqlColumn | None:
    """What a search may compare: the dates and names of people, and every attribute of the org's schema."""
    if attribute in COLUMNS:
        return COLUMNS[attribute]
    if attribute in _DATES:
        return SqlColumn(_DATES[attribute], "date")
    if attribute == "type.id":
        return SqlColumn(f"'{user_type_id(org)}'")
    scope, _, name = attribute.partition(".")
    known = attributes(org, "user").get(name) if scope == "profile" else None
    if known is None:
        return None
    return SqlColumn(f"json_extract(profile, '$.{name}')", _KINDS.get(known["type"], "text"))  # type: ignore[arg-type]


def find(org: Org, text: str, me: str | None = None) -> Row:
    """The person that a path names: by id, by login, by the unambiguous part of a login before the @, or as `me`.

    Raises:
        OktaProblem: nobody is called so.
    """
    if text == "me" and me is not None:
        text = me
    row = org.database.one("SELECT * FROM users WHERE id = ?", text) or find_login(org, text)
    if row is None and "@" not in text:
        short = org.database.all(
            "SELECT * FROM users WHERE login >= ? AND login < ? LIMIT 2", f"{text}@", f"{text}@\U0010ffff"
        )
        row = short[0] if len(short) == 1 else None
    if row is None:
        raise not_found(text, "User")
    return row


def find_login(org: Org, login: str) -> Row | None:
    return org.database.one("SELECT * FROM users WHERE login_key = ?", login_key(login))


def change(org: Org, id: str, **columns: Any) -> Row:
    """Set columns of a person's row, and read it again."""
    names = ", ".join(f"{name} = ?" for name in columns)
    org.database.run(f"UPDATE users SET {names} WHERE id = ?", *columns.values(), id)
    return find(org, id)


def columns_of(profile: dict[str, Any]) -> dict[str, Any]:
    """What a person's row keeps of a profile."""
    copies = {name: profile.get(attribute) for attribute, name in _COPIED.items()}
    login = profile["login"]
    return {"login": login, "login_key": login_key(login), "profile": dump(profile), **copies}


def as_target(row: Row) -> dict[str, Any]:
    """A person as the System Log names one."""
    return {
        "id": row["id"],
        "type": "User",
        "alternateId": row["login"],
        "displayName": full_name(json.loads(row["profile"])),
    }


def render(base: str, org: Org, row: Row, *, omit: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A person as a request for one of them answers it; `omit` are parts that a caller asked to leave out."""
    user = render_listed(base, org, row, omit=omit)
    here = user["_links"]["self"]["href"]
    offered = _OFFERED[row["status"]]
    if row["question"] and row["status"] in ("ACTIVE", "PASSWORD_EXPIRED"):
        offered = (*offered, "forgotPassword")
    if org.database.one("SELECT 1 FROM factors WHERE user_id = ? LIMIT 1", row["id"]):
        offered = (*offered, "resetFactors")
    if "omitCredentialsLinks" in omit:
        offered = tuple(name for name in offered if name not in _CREDENTIAL_LINKS)
    user["_links"] |= {
        "schema": {"href": f"{base}/api/v1/meta/schemas/user/{schema_id(org)}"},
        "type": {"href": f"{base}/api/v1/meta/types/user/{user_type_id(org)}"},
        **{name: {"href": f"{here}/{_LIFECYCLE[name]}", "method": "POST"} for name in offered},
    }
    if row["status"] == "DEPROVISIONED":
        user["_links"]["delete"] = {"href": here, "method": "DELETE"}
    return user


def render_listed(base: str, org: Org, row: Row, *, omit: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A person as lists show them."""
    profile = json.loads(row["profile"])
    user = {
        "id": row["id"],
        "status": row["status"],
        **{name: row[column] for name, column in _DATES.items()},
        "type": {"id": user_type_id(org)},
        "profile": {
            **dict.fromkeys(ALWAYS_SHOWN),
            **{name: value for name, value in profile.items() if value is not None},
        },
        "credentials": credentials(row, profile),
        "_links": {"self": {"href": f"{base}/api/v1/users/{row['id']}"}},
    }
    if "omitCredentials" in omit:
        del user["credentials"]
    return user


def credentials(row: Row, profile: dict[str, Any]) -> dict[str, Any]:
    """Which credentials a person has; never the secrets themselves."""
    provider = {"provider": {"type": row["provider"], "name": row["provider"]}}
    if row["status"] == "DEPROVISIONED":
        return provider
    shown: dict[str, Any] = {}
    if row["password"]:
        shown["password"] = {}
        shown["emails"] = [
            {"value": profile[name], "status": "VERIFIED", "type": kind}
            for name, kind in (("email", "PRIMARY"), ("secondEmail", "SECONDARY"))
            if profile.get(name)
        ]
    if row["question"]:
        shown["recovery_question"] = {"question": row["question"]}
    return shown | provider


def etag(row: Row) -> str:
    """Of a person's profile; a change of status does not change it."""
    return f'W/"{hashlib.sha256((row["id"] + row["profile"]).encode()).hexdigest()}"'


def set_password(org: Org, row: Row, password: str) -> Row:
    """Give a person a password. Whoever had to choose one is active then."""
    now = org.now()
    columns = {"password": hidden(password), "password_changed": now, "last_updated": now, "failed_sign_ins": 0}
    if row["status"] in ("PASSWORD_EXPIRED", "RECOVERY", "PROVISIONED"):
        columns |= {"status": "ACTIVE", "status_changed": now}
    return change(org, row["id"], **columns)


def hidden(secret: str) -> str:
    """A password or answer as it is kept."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_derived(secret, salt)}"


def matches(secret: str, kept: str | None) -> bool:
    salt, _, derived = (kept or "").partition(":")
    return bool(derived) and hmac.compare_digest(_derived(secret, bytes.fromhex(salt)), derived)


def _derived(secret: str, salt: bytes) -> str:
    # A hundredth of what a real org would spend: nobody's real password is here, and tests sign in often.
    return hashlib.scrypt(secret.encode(), salt=salt, n=1024, r=8, p=1).hex()

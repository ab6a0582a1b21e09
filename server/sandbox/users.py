"""The users endpoints: create, read, list, change, delete, and the groups of a person."""

import json
import re
from contextlib import nullcontext
from dataclasses import replace
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import groups, memberships, people
from server.sandbox.authorization.access import end_sessions
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, not_found, not_well_formed
from server.sandbox.schemas import attributes, mistakes
from server.sandbox.scim import Dialect, SqlColumn

MOST_GROUPS = 20
_ORDER = ("login", "firstName", "lastName", "email")
"""The required attributes of a new org, in the order in which Okta misses them (recorded: simpleokta)."""
_DIRECTORIES = frozenset({"ACTIVE_DIRECTORY", "LDAP"})
"""Providers of credentials that master the profiles of their people, too."""
_FILTERED = frozenset({"eq"})
_FILTERED_DATE = frozenset({"eq", "gt", "ge", "lt", "le"})
_SEARCHED = frozenset({"eq", "sw", "gt", "ge", "lt", "le", "pr"})
_CONTAINED = frozenset({"profile.firstName", "profile.lastName", "profile.email", "profile.login"})


def named(call: ApiCall) -> Row:
    """The person whom the request's path names."""
    # For an API token that is its owner (Okta's OpenAPI description, getUser); apps are nobody.
    me = call.principal.id if call.principal.kind in ("user", "token") else None
    return people.find(call.org, call.part("user"), me)


def create_user(call: ApiCall) -> Response:
    sent = call.body("profile")
    org, now = call.org, call.org.now()
    activate = call.flag("activate", True)
    credentials = _credentials(sent)
    must_change = call.query.get("nextLogin") == "changePassword"
    if must_change and not activate:
        raise OktaProblem(400, "E0000125", "The request parameter nextLogin requires activate to be true.")
    if must_change and not credentials.get("password"):
        raise OktaProblem(400, "E0000124", "The request parameter nextLogin requires a password.")
    group_ids = sent.get("groupIds") or []
    if len(group_ids) > MOST_GROUPS:
        raise OktaProblem(400, "E0000093", "Target count limit exceeded")
    profile = checked(org, {k: v for k, v in sent["profile"].items() if v is not None}, "newUser")
    _refuse_foreign(org, "OKTA", {}, profile)
    members_of = [groups.find(org, id) for id in group_ids]
    status = "STAGED"
    if activate:
        status = "PASSWORD_EXPIRED" if must_change else "ACTIVE" if credentials.get("password") else "PROVISIONED"
    row = {
        "id": new_id("00u"),
        "status": status,
        **people.columns_of(profile),
        "created": now,
        "activated": now if activate else None,
        "status_changed": now if activate or credentials.get("password") else None,
        "last_updated": now,
        "password_changed": now if credentials.get("password") else None,
        **credentials,
    }
    marks = ", ".join("?" * len(row))
    org.database.run(f"INSERT INTO users ({', '.join(row)}) VALUES ({marks})", *row.values())
    made = people.find(org, str(row["id"]))
    record(org, call.request, "user.lifecycle.create", people.as_target(made))
    if activate:
        record(org, call.request, "user.lifecycle.activate", people.as_target(made))
    memberships.join_everyone(org, made)
    for group in members_of:
        memberships.add(call, group, made)
    org.due.add(made["id"])
    return ok(people.render(call.base, org, made))


def checked(org: Org, profile: dict[str, Any], subject: str, holder: str | None = None) -> dict[str, Any]:
    """A whole profile, if it is one: known attributes, the required ones, well-formed, the login not taken.

    Raises:
        OktaProblem: naming the first mistake in its summary, and each in its causes.
    """
    known = attributes(org, "user")
    causes = [f"Property name '{name}' is not defined in profile" for name in profile if name not in known]
    if causes:
        raise invalid(subject, *causes)
    required = [name for name in (*_ORDER, *known) if name in known and known[name].get("required")]
    causes = [f"{name}: The field cannot be left blank" for name in dict.fromkeys(required) if not profile.get(name)]
    login = profile.get("login") or ""
    if cause := _no_login(login, known["login"].get("pattern")):
        causes.append(cause)
    blank = {cause.partition(":")[0] for cause in causes}
    causes += [cause for cause in mistakes(org, "user", profile) if cause.partition(":")[0] not in blank]
    taken = people.find_login(org, login) if isinstance(login, str) else None
    if taken is not None and taken["id"] != holder:
        causes.append("login: An object with this field already exists in the current organization")
    if causes:
        raise invalid(causes[0].partition(":")[0], *causes)
    return profile


def _no_login(login: Any, pattern: str | None) -> str | None:
    """Why a text is no login: it has the form of an e-mail address unless the org's schema has a pattern of its own.

    Sources: recorded for the e-mail (simpleokta, invalid_update_user); Okta's OpenAPI description, UserSchemaBase.
    """
    if not isinstance(login, str) or not re.fullmatch(pattern or r"[^@\s]+@[^@\s]+", login):
        told = "Does not match required pattern" if pattern else "Username must be in the form of an email address"
        return f"login: {told}"
    return None


def _refuse_foreign(org: Org, provider: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse a change of what is not changed here: read-only attributes, and those that another system masters.

    Raises:
        OktaProblem: Okta's error codes E0000077 and E0000078; E0000023 (oktadev/okta-node-express-example#4).
    """
    for name, attribute in attributes(org, "user").items():
        if before.get(name) == after.get(name):
            continue
        mutability, master = attribute.get("mutability"), attribute.get("master") or {}
        priority: list[dict[str, Any]] = master.get("priority") or [{}]
        foreign = master.get("type") == "OVERRIDE" and priority[0].get("type") not in (None, "OKTA")
        if mutability == "READ_ONLY" or foreign:
            raise OktaProblem(403, "E0000077", f"Cannot modify the {name} attribute because it is read-only.")
        if mutability == "IMMUTABLE" and before.get(name) is not None:
            raise OktaProblem(403, "E0000078", f"Cannot modify the {name} attribute because it is immutable.")
        if before and provider in _DIRECTORIES and master.get("type", "PROFILE_MASTER") == "PROFILE_MASTER":
            raise OktaProblem(403, "E0000023", "Operation failed because user profile is mastered under another system")


def _credentials(sent: dict[str, Any]) -> dict[str, Any]:
    """The columns for the credentials that came along with a person."""
    given = sent.get("credentials") or {}
    if not isinstance(given, dict):
        raise not_well_formed()
    columns: dict[str, Any] = {}
    password = given.get("password") or {}
    if isinstance(password, dict) and password.get("value"):
        columns["password"] = people.hidden(permitted(password["value"], sent))
    elif isinstance(password, dict) and (password.get("hash") or password.get("hook")):
        columns |= {"password": "imported", "provider": "IMPORT"}
    if provider := (given.get("provider") or {}).get("type"):
        columns["provider"] = provider
    if question := given.get("recovery_question"):
        columns |= {"question": question.get("question"), "answer": people.hidden(str(question.get("answer", "")))}
    return columns


def permitted(password: str, sent: dict[str, Any] | None = None) -> str:
    """A password, if the org's policy allows it.

    Raises:
        OktaProblem: it does not.
    """
    login = str(((sent or {}).get("profile") or {}).get("login", ""))
    parts = [part for part in re.split(r"[^a-z0-9]+", login.partition("@")[0].lower()) if len(part) > 3]
    if (
        len(password) < 8
        or not re.search("[a-z]", password)
        or not re.search("[A-Z]", password)
        or not re.search("[0-9]", password)
        or any(part in password.lower() for part in parts)
    ):
        raise invalid(
            "password",
            "password: Password requirements were not met. Password requirements: at least 8 characters, a lowercase "
            "letter, an uppercase letter, a number, no parts of your username.",
        )
    return password


def get_user(call: ApiCall) -> Response:
    row = named(call)
    answer = people.render(call.base, call.org, row, omit=_omitted(call))
    return ok(answer, {"etag": people.etag(row)})


def _omitted(call: ApiCall) -> frozenset[str]:
    """Parts that a caller asks to leave out, with a parameter of the content type."""
    found = re.search(r"okta-response\s*=\s*\"?([\w,]+)", call.request.headers.get("content-type", ""))
    return frozenset(found.group(1).split(",")) if found else frozenset()


def list_users(call: ApiCall) -> Response:
    listing = Listing("users", default=200, most=200, walk=people.IN_SHORT)
    if "search" in call.query:
        if "filter" in call.query:
            summary = "Bad request. Can't specify a search query and filter in the same request."
            raise OktaProblem(400, "E0000033", summary)
        listing.require_filter(call.query["search"], Dialect(lambda attribute: _searched(call.org, attribute)))
        _sort(call, listing)
    else:
        listing.cursor_prefix = "200"
        if "filter" in call.query:
            listing.require_filter(call.query["filter"], Dialect(_filtered, case_sensitive=True))
        if "DEPROVISIONED" not in call.query.get("filter", ""):
            listing.require("status <> 'DEPROVISIONED'")
        if q := call.query.get("q"):
            listing.default = 10
            words = ("first_name", "last_name", "email")
            condition = " OR ".join(f"{word} >= ? COLLATE NOCASE AND {word} < ? COLLATE NOCASE" for word in words)
            anchor = (f"({condition})", [q, q + "\U0010ffff"] * len(words))
            listing.require(anchor[0], *anchor[1])
            listing.anchors.append(anchor)
    omit = _omitted(call)
    searched = "search" in call.query or "q" in call.query
    with call.org.index.searching("users") if searched else nullcontext():
        return listing.answer(call, lambda row: people.render_listed(call.base, call.org, row, omit=omit))


def _searched(org: Org, attribute: str) -> SqlColumn | None:
    found = people.column(org, attribute)
    if found is None:
        return None
    return replace(found, operators=_SEARCHED | {"co"} if attribute in _CONTAINED else _SEARCHED)


def _filtered(attribute: str) -> SqlColumn | None:
    if attribute == "lastUpdated":
        return replace(people.COLUMNS[attribute], operators=_FILTERED_DATE)
    if attribute in ("status", "id", *_CONTAINED):
        return replace(people.COLUMNS[attribute], operators=_FILTERED)
    return None


def _sort(call: ApiCall, listing: Listing) -> None:
    if "sortBy" in call.query:
        by = people.column(call.org, call.query["sortBy"])
        if by is None:
            raise invalid("sortBy", "sortBy: The attribute is unknown")
        listing.order = by
        listing.descending = call.query.get("sortOrder", "").lower() in ("desc", "descending")


def change_user(call: ApiCall) -> Response:
    """POST: what is sent changes, null empties. PUT: what is not sent is emptied."""
    row = named(call)
    sent = call.body()
    if row["status"] == "DEPROVISIONED":
        raise not_found(row["id"], "User")
    _precondition(call, row)
    org, now = call.org, call.org.now()
    given = sent.get("profile")
    whole = call.request.method == "PUT"
    if not isinstance(given, dict) and (whole or given is not None) and "credentials" not in sent:
        raise not_well_formed()
    columns: dict[str, Any] = {}
    if isinstance(given, dict):
        before = json.loads(row["profile"])
        wanted = given if whole else {**before, **given}
        profile = checked(org, {k: v for k, v in wanted.items() if v is not None}, "newUser", holder=row["id"])
        _refuse_foreign(org, row["provider"], before, profile)
        columns |= people.columns_of(profile)
    new_credentials = _credentials({**sent, "profile": {"login": row["login"]}})
    columns |= new_credentials
    if "password" in new_credentials:
        columns["password_changed"] = now
        if row["status"] == "PROVISIONED":
            columns |= {"status": "ACTIVE", "status_changed": now}
    changed = people.change(org, row["id"], **columns, last_updated=now)
    if isinstance(given, dict):
        record(org, call.request, "user.account.update_profile", people.as_target(changed))
    if "password" in new_credentials:
        record(org, call.request, "user.account.update_password", people.as_target(changed))
    org.due.add(changed["id"])
    return ok(people.render(call.base, org, changed))


def _precondition(call: ApiCall, row: Row) -> None:
    wanted = call.request.headers.get("if-match")
    if wanted is None:
        return
    if not re.fullmatch(r'(W/)?"[^"]*"|\*', wanted):
        raise OktaProblem(400, "E0000242", "If-Match header is not well-formed.")
    if wanted != "*" and wanted.removeprefix("W/") != people.etag(row).removeprefix("W/"):
        raise OktaProblem(412, "E0000231", "The user has been changed since it was read.")


def delete_user(call: ApiCall) -> Response:
    """The first time deactivates, the second time deletes."""
    row = named(call)
    org = call.org
    if row["status"] != "DEPROVISIONED":
        now = org.now()
        changed = people.change(org, row["id"], status="DEPROVISIONED", status_changed=now, last_updated=now)
        end_sessions(org, row["id"], tokens=True)
        record(org, call.request, "user.lifecycle.deactivate", people.as_target(changed))
        org.due.add(row["id"])
        return no_content()
    record(org, call.request, "user.lifecycle.delete.initiated", people.as_target(row))
    org.database.run("DELETE FROM users WHERE id = ?", row["id"])
    record(org, call.request, "user.lifecycle.delete.completed", people.as_target(row))
    return no_content()


def list_groups_of_user(call: ApiCall) -> Response:
    row = named(call)
    listing = Listing("groups", default=200, most=200, source="memberships", key="group_id", keep=())
    listing.require("user_id = ?", row["id"])
    return listing.answer(call, lambda group: groups.render(call.base, group))


_USER = "/api/v1/users/{user}"
ENDPOINTS = [
    Endpoint("POST", "/api/v1/users", create_user, "okta.users.manage"),
    Endpoint("GET", "/api/v1/users", list_users, "okta.users.read"),
    Endpoint("GET", _USER, get_user, "okta.users.read"),
    Endpoint("POST", _USER, change_user, "okta.users.manage"),
    Endpoint("PUT", _USER, change_user, "okta.users.manage"),
    Endpoint("DELETE", _USER, delete_user, "okta.users.manage"),
    Endpoint("GET", f"{_USER}/groups", list_groups_of_user, "okta.users.read"),
]

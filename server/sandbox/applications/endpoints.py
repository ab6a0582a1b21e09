"""The endpoints of applications: list, read, make, change, switch on and off, delete."""

import re
from collections.abc import Iterator
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.applications import app_users, oauth
from server.sandbox.applications.documents import BUILT_IN, as_target, document_of, find, render
from server.sandbox.applications.kinds import completed, mode_of, name_of
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, invalid_search
from server.sandbox.scim import Both, Comparison, Dialect, Filter, FilterError, SqlColumn, parse, to_sql

MODES = (
    *("AUTO_LOGIN", "BASIC_AUTH", "BOOKMARK", "BROWSER_PLUGIN", "OPENID_CONNECT", "SAML_1_1", "SAML_2_0"),
    *("SECURE_PASSWORD_STORE", "WS_FEDERATION"),
)
_EXACT = frozenset({"eq"})
_FILTERED = {
    "id": SqlColumn("id", operators=_EXACT),
    "status": SqlColumn("status", operators=_EXACT),
    "name": SqlColumn("name", operators=_EXACT),
    "credentials.signing.kid": SqlColumn("json_extract(document, '$.credentials.signing.kid')", operators=_EXACT),
    "settings.slo.enabled": SqlColumn("json_extract(document, '$.settings.signOn.slo.enabled')", operators=_EXACT),
}
_WHOSE = {
    # Of whom an application is listed, and where that is looked up.
    "user.id": "id IN (SELECT app_id FROM app_users WHERE user_id = ?)",
    "group.id": "id IN (SELECT app_id FROM group_apps WHERE group_id = ?)",
}


def insert(org: Org, sent: dict[str, Any], *, status: str = "ACTIVE", created: str | None = None) -> Row:
    """A new application; one that signs people in with OpenID Connect is an OAuth client, too.

    Raises:
        OktaProblem: what was sent is not enough for one.
    """
    label, mode = _label(sent), _mode(sent)
    name = name_of(org, label, mode, sent.get("name"))
    mode = mode_of(name, mode)
    document = completed(org, name, mode, sent)
    id, now = new_id("0oa"), created or org.now()
    is_client = mode == "OPENID_CONNECT" and name not in BUILT_IN
    client_id = oauth.wanted_id(org, id, document) if is_client else None
    secret = oauth.take_secret(document)
    org.database.run(
        "INSERT INTO apps (id, name, label, status, sign_on_mode, document, created, last_updated, client_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, name, label, status, mode, dump(document), now, now, client_id),
    )
    if client_id is not None:
        oauth.register(org, client_id, label, document, secret)
    return find(org, id)


def _label(sent: dict[str, Any]) -> str:
    label = sent.get("label")
    if not isinstance(label, str) or not label.strip():
        raise invalid("label", "label: The field cannot be left blank")
    if len(label) > 100:
        raise invalid("label", "label: The field is too long")
    return label


def _mode(sent: dict[str, Any]) -> str:
    mode = sent.get("signOnMode")
    if mode not in MODES:
        raise invalid("signOnMode", f"signOnMode: The sign-on mode must be one of {', '.join(MODES)}")
    return str(mode)


def create_app(call: ApiCall) -> Response:
    sent = call.body()
    if sent.get("name") in BUILT_IN:
        raise invalid("generalSettings", f"Cannot create application instance {sent['name']}.")
    row = insert(call.org, sent, status="ACTIVE" if call.flag("activate", True) else "INACTIVE")
    record(call.org, call.request, "application.lifecycle.create", as_target(row))
    if row["status"] == "ACTIVE":
        record(call.org, call.request, "application.lifecycle.activate", as_target(row))
    return ok(render(call.base, call.org, row))


def get_app(call: ApiCall) -> Response:
    return ok(_shown(call, find(call.org, call.part("app")), _expanded(call)))


def _shown(call: ApiCall, row: Row, user_id: str | None) -> dict[str, Any]:
    """An application, with the assignment of a person who was asked for."""
    app = render(call.base, call.org, row)
    if user_id is not None and (assignment := app_users.embedded(call, row, user_id)) is not None:
        app["_embedded"] = {"user": assignment}
    return app


def list_apps(call: ApiCall) -> Response:
    listing = Listing("apps", default=20, most=200, keep=("q", "filter"), order=SqlColumn("created"))
    user_id = _expanded(call)
    if q := call.query.get("q"):
        beyond = q + "\U0010ffff"
        listing.require("(label >= ? AND label < ? OR name >= ? AND name < ?)", q, beyond, q, beyond)
    if "filter" in call.query:
        for condition, value in _conditions(call.query["filter"]):
            listing.require(condition, *value)
    return listing.answer(call, lambda row: _shown(call, row, user_id))


def _conditions(text: str) -> Iterator[tuple[str, list[Any]]]:
    try:
        for part in _parts(parse(text)):
            if isinstance(part, Comparison) and part.attribute in _WHOSE and part.operator == "eq":
                yield _WHOSE[part.attribute], [part.value]
            else:
                yield to_sql(part, Dialect(_FILTERED.get))
    except FilterError:
        raise invalid_search() from None


def _parts(tree: Filter) -> Iterator[Filter]:
    """What must all hold."""
    if isinstance(tree, Both):
        yield from _parts(tree.left)
        yield from _parts(tree.right)
    else:
        yield tree


def _expanded(call: ApiCall) -> str | None:
    """Whose assignments are asked for along with the applications.

    Raises:
        OktaProblem: what is asked for is something else (TestApplicationsResource.
            test_list_applications_with_query_parameters).
    """
    given = call.query.get("expand")
    if given is None:
        return None
    found = re.fullmatch(r"user/([A-Za-z0-9]+)", given)
    if found is None:
        raise invalid("RequestParams", "Expand query is malformed.")
    return found[1]


def change_app(call: ApiCall) -> Response:
    """What is not sent is as in a new application of its kind.

    One that is in no catalogue is changed while it is active (TestAccResourceOktaAppAutoLoginApplication_crud).
    """
    org, row = call.org, find(call.org, call.part("app"))
    sent = call.body()
    label = _label(sent)
    if row["name"] in BUILT_IN:
        raise _left_alone()
    if sent.get("signOnMode", row["sign_on_mode"]) != row["sign_on_mode"]:
        _mode(sent)
        if mode_of(row["name"], sent["signOnMode"]) != row["sign_on_mode"]:
            raise invalid("signOnMode", "signOnMode: The sign-on mode of an application cannot be changed")
    if row["status"] != "ACTIVE" and row["name"].startswith("sandbox_"):
        told = "This operation on app metadata is not yet supported"
        raise OktaProblem(400, "E0000024", f"Bad request. {told}.", [f"{told}: No active instances."])
    document = completed(org, row["name"], row["sign_on_mode"], sent, document_of(org, row))
    oauth.take_secret(document)
    org.database.run(
        "UPDATE apps SET label = ?, document = ?, last_updated = ? WHERE id = ?",
        *(label, dump(document), org.now(), row["id"]),
    )
    if row["client_id"]:
        oauth.change(org, row["client_id"], label, document)
    changed = find(org, row["id"])
    record(org, call.request, "application.lifecycle.update", as_target(changed))
    return ok(render(call.base, org, changed))


def _left_alone() -> OktaProblem:
    """What Okta answers here nobody recorded; the code is one of Okta's own."""
    return OktaProblem(403, "E0000143", "App instance operation not allowed.")


def activate(call: ApiCall) -> Response:
    return _switched(call, "ACTIVE", "activate")


def deactivate(call: ApiCall) -> Response:
    return _switched(call, "INACTIVE", "deactivate")


def _switched(call: ApiCall, status: str, step: str) -> Response:
    """Nothing happens to one that is in the wanted status already. Assignments stay as they are."""
    row = find(call.org, call.part("app"))
    if row["name"] in BUILT_IN:
        raise _left_alone()
    if row["status"] != status:
        call.org.database.run(
            "UPDATE apps SET status = ?, last_updated = ? WHERE id = ?", status, call.org.now(), row["id"]
        )
        record(call.org, call.request, f"application.lifecycle.{step}", as_target(row))
    return ok({})


def delete_app(call: ApiCall) -> Response:
    row = find(call.org, call.part("app"))
    if row["name"] in BUILT_IN:
        raise _left_alone()
    if row["status"] == "ACTIVE":
        cause = "The application must be deactivated before deletion."
        raise OktaProblem(403, "E0000056", "Delete application forbidden.", [cause])
    oauth.delete(call.org, row["client_id"])
    call.org.database.run("DELETE FROM apps WHERE id = ?", row["id"])
    record(call.org, call.request, "application.lifecycle.delete", as_target(row))
    return no_content()


_APP = "/api/v1/apps/{app}"
ENDPOINTS = [
    Endpoint("GET", "/api/v1/apps", list_apps, "okta.apps.read"),
    Endpoint("POST", "/api/v1/apps", create_app, "okta.apps.manage"),
    Endpoint("GET", _APP, get_app, "okta.apps.read"),
    Endpoint("PUT", _APP, change_app, "okta.apps.manage"),
    Endpoint("DELETE", _APP, delete_app, "okta.apps.manage"),
    Endpoint("POST", f"{_APP}/lifecycle/activate", activate, "okta.apps.manage"),
    Endpoint("POST", f"{_APP}/lifecycle/deactivate", deactivate, "okta.apps.manage"),
]

"""The org as a web application."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import (
    control,
    credentials,
    groups,
    lifecycle,
    linked_objects,
    log,
    members,
    memberships,
    networks,
    organization,
    owners,
    people,
    rules,
    schema_documents,
    schemas,
    story,
    user_parts,
    user_types,
    users,
    zones,
)
from server.sandbox.applications import app_groups, app_keys, app_links, app_schemas, app_users, entitlements, opening
from server.sandbox.applications import endpoints as applications
from server.sandbox.applications import tables as application_tables
from server.sandbox.authorization import (
    app_grants,
    assignees,
    client_credentials,
    client_roles,
    clients,
    custom_roles,
    pages,
    registration,
    resource_sets,
    role_targets,
    roles,
    sessions_api,
    tables,
    user_grants,
)
from server.sandbox.authorization import endpoints as authorization
from server.sandbox.endpoints import ApiCall, routes
from server.sandbox.factors import activation, enrolment, verification
from server.sandbox.factors import tables as factor_tables
from server.sandbox.org import Org
from server.sandbox.policies import endpoints as policies
from server.sandbox.policies import tables as policy_tables
from server.sandbox.problems import no_such_method, no_such_path
from server.sandbox.wire import Wire

_TABLES = (
    people.TABLES,
    groups.TABLES,
    memberships.TABLES,
    rules.TABLES,
    schemas.TABLES,
    user_types.TABLES,
    user_parts.TABLES,
    linked_objects.TABLES,
    owners.TABLES,
    log.TABLES,
    networks.TABLES,
    policy_tables.TABLES,
    tables.TABLES,
    custom_roles.TABLES,
    resource_sets.TABLES,
    application_tables.TABLES,
    factor_tables.TABLES,
)
# Rules before groups and linked objects before schemas: their paths begin alike.
_ENDPOINTS = [
    *users.ENDPOINTS,
    *lifecycle.ENDPOINTS,
    *credentials.ENDPOINTS,
    *rules.ENDPOINTS,
    *groups.ENDPOINTS,
    *members.ENDPOINTS,
    *owners.ENDPOINTS,
    *linked_objects.ENDPOINTS,
    *user_parts.ENDPOINTS,
    *enrolment.ENDPOINTS,
    *activation.ENDPOINTS,
    *verification.ENDPOINTS,
    *schema_documents.ENDPOINTS,
    *user_types.ENDPOINTS,
    *applications.ENDPOINTS,
    *app_users.ENDPOINTS,
    *app_groups.ENDPOINTS,
    *app_links.ENDPOINTS,
    *app_schemas.ENDPOINTS,
    *app_keys.ENDPOINTS,
    *sessions_api.ENDPOINTS,
    *story.ENDPOINTS,
    *policies.ENDPOINTS,
    *zones.ENDPOINTS,
    *organization.ENDPOINTS,
    *roles.ENDPOINTS,
    *role_targets.ENDPOINTS,
    *assignees.ENDPOINTS,
    *custom_roles.ENDPOINTS,
    *resource_sets.ENDPOINTS,
    *client_roles.ENDPOINTS,
    *client_credentials.ENDPOINTS,
    *app_grants.ENDPOINTS,
    *user_grants.ENDPOINTS,
    *registration.ENDPOINTS,
]


def prepare_tables(org: Org) -> None:
    clients.set_aside(org)
    for table, column, kind in (*people.LATER, *schemas.LATER, *tables.LATER, *factor_tables.LATER, *log.LATER):
        held = {row["name"] for row in org.database.all(f"PRAGMA table_info({table})")}
        if held and column not in held:
            org.database.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for statements in _TABLES:
        org.database.script(statements)
    clients.take_over(org)
    log.prepare(org)
    networks.prepare(org)


def create_app(org: Org) -> Wire:
    """The web application of an org whose tables exist."""
    here = [
        *authorization.ROUTES,
        *organization.ROUTES,
        *sessions_api.ROUTES,
        *opening.ROUTES,
        *routes(_ENDPOINTS, _settle),
        *control.ROUTES,
    ]
    app = Starlette(routes=here, exception_handlers={404: _no_such_path, 405: _no_such_method})
    app.router.redirect_slashes = False  # slashes are dealt with before
    app.state.org = org
    return Wire(app, org)


def _settle(call: ApiCall) -> None:
    """What follows from a request: memberships that group rules keep, then applications that groups give."""
    entitlements.settle(call, rules.settle(call))


def _no_such_path(request: Request, error: Exception) -> Response:
    """Outside the API a browser is shown a page; programs get Okta's kind of error everywhere."""
    path, wanted = request.url.path, request.headers.get("accept", "")
    if "text/html" in wanted and not path.startswith(("/api/", "/oauth2/", "/.well-known/")):
        return pages.page("Page not found", "<p>There is nothing at this address.</p>", status=404)
    return no_such_path().response()


def _no_such_method(request: Request, error: Exception) -> Response:
    return no_such_method().response()

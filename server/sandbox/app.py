"""The org as a web application."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import (
    control,
    credentials,
    groups,
    lifecycle,
    log,
    memberships,
    organization,
    people,
    rules,
    schemas,
    users,
)
from server.sandbox.authorization import (
    app_grants,
    client_credentials,
    client_roles,
    clients,
    pages,
    registration,
    roles,
    tables,
)
from server.sandbox.authorization import endpoints as authorization
from server.sandbox.endpoints import routes
from server.sandbox.org import Org
from server.sandbox.problems import no_such_method, no_such_path
from server.sandbox.wire import Wire

_TABLES = (people.TABLES, groups.TABLES, memberships.TABLES, rules.TABLES, schemas.TABLES, log.TABLES, tables.TABLES)
# Rules before groups: their paths begin alike.
_ENDPOINTS = [
    *users.ENDPOINTS,
    *lifecycle.ENDPOINTS,
    *credentials.ENDPOINTS,
    *rules.ENDPOINTS,
    *groups.ENDPOINTS,
    *memberships.ENDPOINTS,
    *schemas.ENDPOINTS,
    *log.ENDPOINTS,
    *organization.ENDPOINTS,
    *roles.ENDPOINTS,
    *client_roles.ENDPOINTS,
    *client_credentials.ENDPOINTS,
    *app_grants.ENDPOINTS,
    *registration.ENDPOINTS,
]


def prepare_tables(org: Org) -> None:
    clients.set_aside(org)
    for table, column, kind in (*people.LATER, *tables.LATER):
        held = {row["name"] for row in org.database.all(f"PRAGMA table_info({table})")}
        if held and column not in held:
            org.database.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for statements in _TABLES:
        org.database.script(statements)
    clients.take_over(org)


def create_app(org: Org) -> Wire:
    """The web application of an org whose tables exist."""
    here = [*authorization.ROUTES, *organization.ROUTES, *routes(_ENDPOINTS), control.ROUTE]
    app = Starlette(routes=here, exception_handlers={404: _no_such_path, 405: _no_such_method})
    app.router.redirect_slashes = False  # slashes are dealt with before
    app.state.org = org
    return Wire(app, org)


def _no_such_path(request: Request, error: Exception) -> Response:
    """Outside the API a browser is shown a page; programs get Okta's kind of error everywhere."""
    path, wanted = request.url.path, request.headers.get("accept", "")
    if "text/html" in wanted and not path.startswith(("/api/", "/oauth2/", "/.well-known/")):
        return pages.page("Page not found", "<p>There is nothing at this address.</p>", status=404)
    return no_such_path().response()


def _no_such_method(request: Request, error: Exception) -> Response:
    return no_such_method().response()

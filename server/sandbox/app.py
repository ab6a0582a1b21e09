"""The org as a web application."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox import (
    control,
    credentials,
    groups,
    lifecycle,
    linked_objects,
    log,
    members,
    memberships,
    organization,
    owners,
    people,
    rules,
    schema_documents,
    schemas,
    user_parts,
    user_types,
    users,
)
from server.sandbox.authorization import (
    assignees,
    custom_roles,
    resource_sets,
    role_targets,
    roles,
    sessions_api,
    tables,
)
from server.sandbox.authorization import endpoints as authorization
from server.sandbox.endpoints import routes
from server.sandbox.org import Org
from server.sandbox.problems import no_such_path
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
    tables.TABLES,
    custom_roles.TABLES,
    resource_sets.TABLES,
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
    *schema_documents.ENDPOINTS,
    *user_types.ENDPOINTS,
    *sessions_api.ENDPOINTS,
    *log.ENDPOINTS,
    *organization.ENDPOINTS,
    *roles.ENDPOINTS,
    *role_targets.ENDPOINTS,
    *assignees.ENDPOINTS,
    *custom_roles.ENDPOINTS,
    *resource_sets.ENDPOINTS,
]


def prepare_tables(org: Org) -> None:
    for table, column, kind in (*people.LATER, *schemas.LATER, *tables.LATER):
        held = {row["name"] for row in org.database.all(f"PRAGMA table_info({table})")}
        if held and column not in held:
            org.database.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    for statements in _TABLES:
        org.database.script(statements)


def create_app(org: Org) -> Wire:
    """The web application of an org whose tables exist."""
    elsewhere = Route("/{path:path}", _elsewhere, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    app = Starlette(
        routes=[
            *authorization.ROUTES,
            *organization.ROUTES,
            *sessions_api.ROUTES,
            *routes(_ENDPOINTS, rules.settle),
            control.ROUTE,
            elsewhere,
        ]
    )
    app.state.org = org
    return Wire(app, org)


async def _elsewhere(request: Request) -> Response:
    raise no_such_path()

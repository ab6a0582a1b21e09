"""Troubles on request, for a test in another process: the one endpoint that no Okta has."""

from dataclasses import fields
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox.authorization.access import authenticate
from server.sandbox.faults import Fault
from server.sandbox.org import Org
from server.sandbox.problems import invalid_session, not_well_formed


async def set_faults(request: Request) -> Response:
    """POST `{"faults": [{"kind": "status", "status": 503, …}], "stale_reads": 0, …}`.

    Also `per_minute` with `buckets` and `window` (see `Limits`), and `index_lag` and `members_lag` in seconds (see
    `Index`). Every part is optional. Only the API token may do this.
    """
    org: Org = request.app.state.org
    with org.database.transaction():
        if authenticate(request).kind != "token":
            raise invalid_session()
    try:
        sent: dict[str, Any] = await request.json()
        known = {field.name for field in fields(Fault)}
        faults = [
            Fault(**{name: value for name, value in fault.items() if name in known}) for fault in sent.get("faults", [])
        ]
        per_minute, window = (int(sent[name]) if name in sent else None for name in ("per_minute", "window"))
        buckets = {str(name): int(most) for name, most in sent.get("buckets", {}).items()}
        lags = [float(sent[name]) if name in sent else None for name in ("index_lag", "members_lag")]
        stale_reads = int(sent.get("stale_reads", org.faults.stale_reads))
    except (ValueError, TypeError, AttributeError):
        raise not_well_formed() from None
    org.faults.coming.extend(faults)
    org.faults.stale_reads = stale_reads
    org.limits.set(per_minute, window, buckets)
    org.index.lag(*lags)
    return Response(status_code=204)


ROUTE = Route("/sandbox/faults", set_faults, methods=["POST"])

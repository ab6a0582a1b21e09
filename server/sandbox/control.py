"""What only a sandbox does, for a test in another process: troubles on request, and people who answer their phones.

Only the API token may call these; no Okta has them.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox import people
from server.sandbox.authorization.access import authenticate
from server.sandbox.factors import person, tables
from server.sandbox.faults import Fault
from server.sandbox.org import Org
from server.sandbox.problems import invalid_session, not_well_formed
from server.sandbox.user_parts import BLOCKED, block_devices


def _for_the_token(run: Callable[[Org, Request, dict[str, Any]], Response]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        org: Org = request.app.state.org
        try:
            sent = await request.json() if await request.body() else {}
        except ValueError:
            raise not_well_formed() from None
        with org.database.transaction():
            if authenticate(request).kind != "token":
                raise invalid_session()
        if not isinstance(sent, dict):
            raise not_well_formed()
        return run(org, request, sent)

    return answer


def set_faults(org: Org, request: Request, sent: dict[str, Any]) -> Response:
    """POST `{"faults": [{"kind": "status", "status": 503, …}], "stale_reads": 0, …}`.

    Also `per_minute` with `buckets` and `window` (see `Limits`), and `index_lag` and `members_lag` in seconds (see
    `Index`). Every part is optional.
    """
    try:
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


def see_person(org: Org, request: Request, sent: dict[str, Any]) -> Response:
    """GET what a person sees on their devices: `{"waiting": […], "codes": {FACTOR: CODE}, "always": …}`."""
    user = people.find(org, str(request.path_params["user"]))
    return JSONResponse(person.seen(org, user["id"]))


def act_as_person(org: Org, request: Request, sent: dict[str, Any]) -> Response:
    """POST what a person does, or what becomes of them. Answered with what they see then, and with what was `answered`.

    - `{"answer": "approve" | "reject" | "time_out" | "nothing"}` is what they do on their devices. What waits is
      answered at once: all pushes and the app that is to be set up, or the one that `only` names by the id of the
      transaction or the factor. `number` is what they enter, and `device` describes what the app is set up on. With
      `"always": true` the answer is for all pushes to come, each once it was polled `after_polls` times.
    - `{"factor": FACTOR, "status": "INACTIVE"}` is what becomes of one of their factors.
    - `{"block": "UNKNOWN_DEVICES" | "ANY_DEVICES" | null}` is where they cannot sign in; the org has that feature then.
    """
    user = people.find(org, str(request.path_params["user"]))["id"]
    answered: list[str] = []
    with org.database.transaction():
        if "answer" in sent:
            answered = _answer(org, request, user, sent)
        elif "status" in sent and sent["status"] in tables.STATUSES:
            tables.change(org, tables.find(org, user, str(sent.get("factor"))), status=sent["status"])
        elif "block" in sent and sent["block"] in (None, *BLOCKED):
            block_devices(org, user, sent["block"])
        else:
            raise not_well_formed()
    return JSONResponse({"answered": answered, **person.seen(org, user)})


def _answer(org: Org, request: Request, user: str, sent: dict[str, Any]) -> list[str]:
    answer, only, number, device = (sent.get(name) for name in ("answer", "only", "number", "device"))
    polls = sent.get("after_polls", 0)
    whole = isinstance(polls, int) and isinstance(number, int | None)
    if answer not in person.ANSWERS or not whole or not isinstance(device, dict | None):
        raise not_well_formed()
    if sent.get("always"):
        person.answer_always(org, user, answer, polls)
        return []
    return person.answer_now(org, request, user, answer, only, number, device)


ROUTES = [
    Route("/sandbox/faults", _for_the_token(set_faults), methods=["POST"]),
    Route("/sandbox/people/{user}", _for_the_token(see_person), methods=["GET"]),
    Route("/sandbox/people/{user}", _for_the_token(act_as_person), methods=["POST"]),
]

"""The System Log: an event for everything that happens, and the API to read it."""

import json
import uuid
from datetime import datetime
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.sandbox.endpoints import ApiCall, Endpoint
from server.sandbox.identifiers import iso_millis
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid
from server.sandbox.scim import DateError, Dialect, FilterError, SqlColumn, parse, to_sql

TABLES = """
CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY, published TEXT NOT NULL, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_time ON events (published, sequence);
"""
Target = dict[str, Any]

_MESSAGES = {
    "user.lifecycle.create": "Create okta user",
    "user.lifecycle.activate": "Activate Okta user",
    "user.lifecycle.reactivate": "Reactivate Okta user",
    "user.lifecycle.deactivate": "Deactivate Okta user",
    "user.lifecycle.suspend": "Suspend Okta user",
    "user.lifecycle.unsuspend": "Unsuspend Okta user",
    "user.lifecycle.delete.initiated": "Delete Okta user initiated",
    "user.lifecycle.delete.completed": "Delete Okta user completed",
    "user.account.update_profile": "Update user profile for Okta",
    "user.account.update_password": "User update password for Okta",
    "user.account.reset_password": "User reset password for Okta",
    "user.account.expire_password": "Expire a user's password",
    "user.account.unlock": "Unlock user account",
    "user.account.privilege.grant": "Grant user privilege",
    "user.account.privilege.revoke": "Revoke all user privileges",
    "user.account.lock": "Max sign in attempts exceeded",
    "user.mfa.factor.activate": "Activate factor or authenticator enrollment method for user",
    "user.mfa.factor.deactivate": "Reset factor or authenticator enrollment method for user",
    "user.mfa.factor.reset_all": "Reset all factors for user",
    "user.mfa.factor.suspend": "Suspend factor or authenticator enrollment method for user",
    "user.mfa.factor.update": "Update factor for user",
    "user.authentication.auth_via_mfa": "Authentication of user via MFA",
    "system.push.send_factor_verify_push": "Send second factor auth push",
    "system.sms.send_factor_verify_message": "Send second factor auth SMS",
    "system.sms.send_okta_push_verify_message": "Send activate Okta Verify Push for mobile SMS",
    "system.voice.send_mfa_challenge_call": "Send second factor auth call",
    "system.email.send_factor_verify_message": "Send second factor auth email",
    "user.session.end": "User logout from Okta",
    "user.session.clear": "Clear user session",
    "user.session.start": "User login to Okta",
    "group.lifecycle.create": "Create Okta group",
    "group.lifecycle.delete": "Delete Okta group",
    "group.profile.update": "Okta group profile update",
    "group.privilege.grant": "Grant group privilege",
    "group.privilege.revoke": "Revoke all group privileges",
    "group.user_membership.add": "Add user to group membership",
    "group.user_membership.remove": "Remove user from group membership",
    "group.user_membership.rule.add": "Add group rule",
    "group.user_membership.rule.update": "Update group rule",
    "group.user_membership.rule.add_exclusion": "User added to exclusion list for group rule",
    "group.user_membership.rule.deleted": "Delete group rule",
    "group.application_assignment.add": "Add assigned application to group",
    "group.application_assignment.remove": "Remove assigned application from group",
    "group.application_assignment.update": "Update assigned application in group",
    "application.lifecycle.create": "Create application",
    "application.lifecycle.update": "Update application",
    "application.lifecycle.activate": "Activate application",
    "application.lifecycle.deactivate": "Deactivate application",
    "application.lifecycle.delete": "Delete application",
    "application.user_membership.add": "Add user to application membership",
    "application.user_membership.remove": "Remove user's application membership",
    "application.user_membership.update": "Updated user application property",
    "application.user_membership.change_username": "Change user's application username",
    "app.oauth2.admin.consent.grant": "Grant admin consent for scope",
    "app.oauth2.admin.consent.revoke": "Revoke admin consent for scope",
    "app.oauth2.client.lifecycle.create": "Create OAuth client",
    "app.oauth2.client.lifecycle.delete": "Delete OAuth client",
    "app.oauth2.client.lifecycle.update": "Update OAuth client",
    "app.oauth2.client.privilege.grant": "Grant privilege to OAuth client",
    "app.oauth2.client.privilege.revoke": "Revoke all privileges of OAuth client",
    "app.oauth2.token.grant.access_token": "OAuth2 access token is granted",
    "app.oauth2.token.grant.refresh_token": "OAuth2 refresh token is granted",
    "app.oauth2.token.revoke": "OAuth2 token revocation request",
    "app.oauth2.as.consent.revoke": "Consent revoked",
    "app.oauth2.as.consent.revoke.user": "All consent revoked for user",
    "app.oauth2.as.consent.revoke.user.client": "User consent revoked for client",
}


def record(
    org: Org,
    request: Request,
    event_type: str,
    *targets: Target,
    actor: Target | None = None,
    failure: str | None = None,
) -> None:
    """Write an event. Its transaction id is the request's id, as in Okta."""
    published = iso_millis(org.clock())
    actor = actor or request.state.principal.actor
    request_id = request.state.request_id
    agent = request.headers.get("user-agent", "unknown")
    address = request.client.host if request.client else "127.0.0.1"
    event = {
        "actor": {"detailEntry": None, **actor},
        "client": {
            "userAgent": {"rawUserAgent": agent, "os": "Unknown", "browser": "UNKNOWN"},
            "zone": "null",
            "device": "Unknown",
            "id": None,
            "ipAddress": address,
            "geographicalContext": None,
        },
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "externalSessionId": "unknown",
        },
        "displayMessage": _MESSAGES[event_type],
        "eventType": event_type,
        "outcome": {"result": "FAILURE" if failure else "SUCCESS", "reason": failure},
        "published": published,
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
        "severity": "WARN" if failure else "INFO",
        "debugContext": {
            "debugData": {
                "requestId": request_id,
                "requestUri": request.url.path,
                "threatSuspected": "false",
                "url": f"{request.url.path}?",
            }
        },
        "legacyEventType": None,
        "transaction": {"type": "WEB", "id": request_id, "detail": {}},
        "uuid": str(uuid.uuid4()),
        "version": "0",
        "request": {"ipChain": [{"ip": address, "geographicalContext": None, "version": "V4", "source": None}]},
        "target": [{"detailEntry": None, **target} for target in targets] or None,
    }
    org.database.run("INSERT INTO events (published, event) VALUES (?, ?)", published, json.dumps(event))


def _column(attribute: str) -> SqlColumn | None:
    if not all(part.isidentifier() for part in attribute.split(".")):
        return None
    if attribute == "published":
        return SqlColumn("published", "date")
    if attribute.startswith("target."):
        rest = attribute.removeprefix("target.")
        return SqlColumn(
            f"(SELECT json_group_array(json_extract(value, '$.{rest}')) FROM json_each(event, '$.target'))", "array"
        )
    return SqlColumn(f"json_extract(event, '$.{attribute}')")


def list_events(call: ApiCall) -> Response:
    """Bounded by since and until it is a list that ends; without until it is polled, and always goes on."""
    where: list[str] = ["1"]
    values: list[Any] = []
    for name, comparison in (("since", ">="), ("until", "<")):
        if name in call.query:
            where.append(f"published {comparison} ?")
            values.append(_date(name, call.query[name]))
    if text := call.query.get("filter"):
        try:
            condition, more = to_sql(parse(text), Dialect(_column, negation=True))
        except (FilterError, DateError) as error:
            raise OktaProblem(400, "E0000053", f"Invalid filter '{text[:200]}': {error}") from None
        where.append(condition)
        values += more
    for word in call.query.get("q", "").split()[:10]:
        if len(word) > 40:
            raise invalid(
                "'q': Freeform search cannot contain items longer than 40 characters. Please shorten the items in "
                "your search or use an advanced filter to query by specific fields."
            )
        where.append("instr(lower(event), lower(?)) > 0")
        values.append(word)
    given = call.query.get("limit", "")
    limit = min(int(given), 1000) if given.isdecimal() else 100
    descending = call.query.get("sortOrder", "").upper() == "DESCENDING"
    if after := call.query.get("after"):
        _, _, sequence = after.partition("_")
        if not sequence.isdecimal():
            raise OktaProblem(400, "E0000029", "Invalid paging request.", ["Invalid cursor."])
        where.append(f"sequence {'<' if descending else '>'} ?")
        values.append(int(sequence))
    rows = call.org.database.all(
        f"SELECT * FROM events WHERE {' AND '.join(where)} "
        f"ORDER BY sequence {'DESC' if descending else 'ASC'} LIMIT {limit + 1}",
        *values,
    )
    response = JSONResponse([json.loads(row["event"]) for row in rows[:limit]])
    _link(call, response, rows, limit, after)
    return response


def _link(call: ApiCall, response: Response, rows: list[Row], limit: int, after: str | None) -> None:
    sent = [
        (name, call.query[name])
        for name in ("since", "until", "filter", "q", "limit", "sortOrder")
        if name in call.query
    ]
    here = f"{call.base}{call.request.url.path}"
    bounded = "until" in call.query or call.query.get("sortOrder", "").upper() == "DESCENDING"
    if len(rows) > limit or not bounded:
        last = rows[: limit or None][-1:] if limit else []
        cursor = f"{_millis(last[0]['published'])}_{last[0]['sequence']}" if last else after or "0_0"
        response.headers.append("link", f'<{here}?{urlencode([*sent, ("after", cursor)])}>; rel="next"')
    query = f"?{urlencode(sent)}" if sent else ""
    response.headers.append("link", f'<{here}{query}>; rel="self"')


def _millis(published: str) -> int:
    return int(datetime.fromisoformat(published).timestamp() * 1000)


def _date(name: str, text: str) -> str:
    try:
        condition = to_sql(parse(f'published ge "{text}"'), Dialect(_column))
    except FilterError:
        told = "The date format in your query is not recognized. Please enter dates using ISO8601 string format."
        raise invalid(
            f"'{name}': {told}. '{name}': must be a valid date-time or empty.",
            f"{name}: {told}",
            f"{name}: must be a valid date-time or empty.",
        ) from None
    return str(condition[1][0])


ENDPOINTS = [Endpoint("GET", "/api/v1/logs", list_events, "okta.logs.read")]

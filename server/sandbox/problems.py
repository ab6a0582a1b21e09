"""Okta's refusals: five keys, always in the same order."""

from collections.abc import Iterable, Mapping

from starlette.responses import JSONResponse, Response

from server.sandbox.identifiers import new_error_id


class OktaProblem(Exception):
    """Raised anywhere below an endpoint; the request's transaction is undone and this is answered."""

    def __init__(
        self,
        status: int,
        code: str,
        summary: str,
        causes: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code} {summary}")
        self.status, self.code, self.summary = status, code, summary
        self.causes, self.headers = list(causes), headers

    def response(self) -> Response:
        body = {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": new_error_id(),
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }
        return JSONResponse(body, self.status, headers=dict(self.headers or {}))


class EmptyProblem(OktaProblem):
    """A refusal without a body, as for a missing OAuth scope: all there is to know is in a header."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status, "", "", headers=headers)

    def response(self) -> Response:
        return Response(status_code=self.status, headers=dict(self.headers or {}))


class Denied(OktaProblem):
    """A refusal of somebody who signs in: it is answered, and what was written down of it stays."""


class PasswordExpired(Denied):
    """A password is right, and too old."""

    def __init__(self) -> None:
        super().__init__(401, "E0000064", "Password is expired and must be changed.")


def invalid(subject: str, *causes: str) -> OktaProblem:
    return OktaProblem(400, "E0000001", f"Api validation failed: {subject}", causes)


def not_well_formed() -> OktaProblem:
    return OktaProblem(400, "E0000003", "The request body was not well-formed.")


def invalid_session() -> OktaProblem:
    return OktaProblem(403, "E0000005", "Invalid session")


def authentication_failed() -> OktaProblem:
    return OktaProblem(401, "E0000004", "Authentication failed")


def feature_missing() -> OktaProblem:
    """401, although it is not about who asks: so it is recorded."""
    return OktaProblem(401, "E0000015", "You do not have permission to access the feature you are requesting")


def forbidden() -> OktaProblem:
    return OktaProblem(403, "E0000006", "You do not have permission to perform the requested action")


def not_found(text: str, entity: str) -> OktaProblem:
    """`text` is what was sent, whether or not it looks like an id."""
    return OktaProblem(404, "E0000007", f"Not found: Resource not found: {text} ({entity})")


def no_such_path() -> OktaProblem:
    return OktaProblem(404, "E0000008", "The requested path was not found")


def no_such_method() -> OktaProblem:
    return OktaProblem(405, "E0000022", "The endpoint does not support the provided HTTP method")


def invalid_cursor() -> OktaProblem:
    return OktaProblem(400, "E0000029", "Invalid paging request.", ["Invalid cursor."])


def invalid_search() -> OktaProblem:
    return OktaProblem(400, "E0000031", "Invalid search criteria.", ["Invalid search syntax."])


def not_in_this_status() -> OktaProblem:
    return OktaProblem(403, "E0000038", "This operation is not allowed in the user's current status.")


def too_many_requests() -> OktaProblem:
    return OktaProblem(429, "E0000047", "API call exceeded rate limit due to too many requests.")


def broken(status: int) -> OktaProblem:
    return OktaProblem(status, "E0000009", "Internal Server Error")


def unsupported() -> OktaProblem:
    return OktaProblem(501, "E0000060", "Unsupported operation.")

"""OAuth's refusals (RFC 6749, section 5.2)."""

from starlette.responses import JSONResponse, Response

from server.sandbox.problems import OktaProblem


class OAuthProblem(OktaProblem):
    """`error` and `error_description`; 401 where the client is not who it says, 400 otherwise."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(status, error, description)

    def response(self) -> Response:
        return JSONResponse({"error": self.code, "error_description": self.summary}, self.status)


def invalid_client(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_client", description, 401)


def invalid_grant(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_grant", description)


def invalid_request(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_request", description)

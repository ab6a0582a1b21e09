"""What the authorization server says about itself (RFC 8414, OpenID Connect Discovery).

The keys are those of TestAccDataSourceOktaOAuthAuthorizationServer_read in okta/terraform-provider-okta. The values are
the sandbox's own: what it does not do it does not claim.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.sandbox.authorization import keys
from server.sandbox.authorization.authorize import OPENID_SCOPES
from server.sandbox.authorization.clients import ALGORITHMS
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.authorization.tokens import base_url


def metadata(request: Request, scopes: list[str]) -> Response:
    """One document at two addresses; Okta's OAuth document leaves out what is about ID tokens."""
    issuer = base_url(request)
    here = f"{issuer}/oauth2/v1"
    methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
    document: Mapping[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token",
        "registration_endpoint": f"{here}/clients",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE],
        "subject_types_supported": ["public"],
        "scopes_supported": [*sorted(OPENID_SCOPES), *scopes],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "claims_supported": ["ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub"],
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": f"{here}/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": f"{here}/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
        "end_session_endpoint": f"{here}/logout",
        "request_parameter_supported": False,
        "request_object_signing_alg_values_supported": [],
        "device_authorization_endpoint": f"{here}/device/authorize",
        "pushed_authorization_request_endpoint": f"{here}/par",
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "frontchannel_logout_supported": False,
        "frontchannel_logout_session_supported": False,
        "identity_chaining_requested_token_types_supported": [],
    }
    if request.url.path.endswith("openid-configuration"):
        document = {
            **document,
            "jwks_uri": f"{here}/keys",
            "userinfo_endpoint": f"{here}/userinfo",
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "claims_supported": ["iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce"],
        }
    return JSONResponse(document)

"""What the errors of the token endpoint mean for the person who set the app up, and how they can fix it.

Source: Okta's OAuth 2.0 error codes, https://developer.okta.com/docs/reference/error-codes/
"""

from server.connections.keys import WHERE_KID_IS

_AGAIN = "Sign in again, to the connection of this name: okta-actions connections lists them."
_DPOP = "The app requires DPoP. Connect again, which detects it, or switch it off in the app."
_BY_WORDS = (
    # What the description says is more precise than the error.
    ("private_key_jwt", "This app authenticates with a key: connect it with --service --private-key-file FILE."),
    ("dpop", _DPOP),
    ("already been used", "Try again: each proof is valid once."),
    ("expiration too far", "This machine's clock is wrong: set it, then connect again."),
    ("client_assertion token is expired", "This machine's clock is wrong: set it, then connect again."),
    ("client_assertion signature", "The private key does not belong to a public key of the app: check the app's keys."),
    ("jwt kid", "The app has no public key of this key's ID (kid)."),
    ("audience claim", "Check the org URL: it must be Okta's own, not a custom domain."),
    ("client secret", "Copy the client secret again from the app's General tab, and connect again."),
    ("'client_id' parameter", "Check the client ID: the app may belong to another org, or be deleted or deactivated."),
    ("redirect_uri", "List the redirect URI in the app, exactly as in OKTA_ACTIONS_REDIRECT_URI."),
    ("not assigned", "Assign the person to the app (Assignments tab), then connect again."),
    ("refresh token", _AGAIN),
    ("authorization code", "Sign in again: the code was used or is too old."),
    ("pkce", "Sign in again, and finish in the browser that was opened."),
    ("any of the requested scopes", "Grant the scopes to the app (Okta API Scopes), and the identity an admin role."),
)
_BY_ERROR = {
    "invalid_client": "Check the client ID and the client secret or key of the app.",
    "unauthorized_client": "Allow this grant in the app (General tab, Grant type): see docs/connecting.md.",
    "invalid_scope": "Grant the scopes to the app in the Admin Console (Okta API Scopes), then connect again.",
    "consent_required": "Grant the scopes to the app in the Admin Console (Okta API Scopes), then connect again.",
    "access_denied": "Allow it in the browser; check that the person is assigned to the app and has an admin role.",
    "invalid_grant": _AGAIN,
    "invalid_dpop_proof": _DPOP,
    "use_dpop_nonce": _DPOP,
    "expired_token": "Start again: the code on the screen is valid for ten minutes.",
    "unsupported_grant_type": "Check the org URL: this authorization server does not support the grant.",
    "invalid_request": "Check the app's settings against docs/connecting.md; okta-actions doctor checks each.",
    "invalid_token": _AGAIN,
    "insufficient_scope": "Grant the scopes to the app in the Admin Console (Okta API Scopes), then connect again.",
    "login_required": "Sign in again, and complete the sign-in in the browser.",
    "interaction_required": "Sign in again, and complete the sign-in in the browser.",
    "mfa_required": "Sign in again, and complete what the org's policy requires: another factor.",
    "insufficient_user_authentication": "Sign in again, and complete what the org's policy requires: another factor.",
    "unmet_authentication_requirements": "Sign in again, and complete what the org's policy requires.",
    "invalid_user_code": "Start again, and enter the code that is shown.",
    "too_many_user_codes": "Wait ten minutes: too many codes were requested.",
    "temporarily_unavailable": "Try again later.",
    "server_error": "Try again later.",
}


_OTHERWISE = "Compare the app's settings with docs/connecting.md; okta-actions doctor checks each."


def explained(error: str, description: str, kid: str = "") -> str:
    """The next step for an OAuth error. `kid` is the ID of the key that the app proved itself with, if it was one."""
    words = description.lower()
    step = next((step for part, step in _BY_WORDS if part in words), None) or _BY_ERROR.get(error, _OTHERWISE)
    if not kid or error not in ("invalid_client", "unauthorized_client"):
        return step
    return f"{step} The kid sent was “{kid}”; Okta shows the right one in {WHERE_KID_IS}. Then: connect --kid KID"

"""What Okta adds to an application of its own: parts that every one has, and those of its kind.

Shapes: the applications that okta/terraform-provider-okta and okta/okta-sdk-python made in recordings of 2020 to 2026.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from server.sandbox import catalog
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem

Document = dict[str, Any]
"""What an application is beside its name, label and status: its accessibility, visibility, credentials and settings."""

_PARTS = ("accessibility", "visibility", "features", "credentials", "settings", "licensing", "profile")
_WITH_KEY = frozenset({"SAML_2_0", "SAML_1_1", "WS_FEDERATION", "OPENID_CONNECT"})
_WITH_PASSWORD = frozenset({"BROWSER_PLUGIN", "BASIC_AUTH", "SECURE_PASSWORD_STORE", "AUTO_LOGIN"})
_SHARED = "SHARED_USERNAME_AND_PASSWORD"
_USUAL_NAMES = {
    "BOOKMARK": "bookmark",
    "OPENID_CONNECT": "oidc_client",
    "BROWSER_PLUGIN": "template_swa",
    "BASIC_AUTH": "template_basic_auth",
    "SECURE_PASSWORD_STORE": "template_sps",
    "WS_FEDERATION": "template_wsfed",
}
_LINKS = {
    # What is on the dashboard, where that is not one link called "login".
    "oidc_client": ("oidc_client_link",),
    "aws_console": ("aws_console_login",),
    "google": ("calendar", "mail", "keep", "sites", "accounts", "drive"),
    "saasure": ("admin",),
    "okta_enduser": (),
    "okta_browser_plugin": (),
}
_NULLS = {
    # Settings of the application itself that are null unless somebody sets them.
    "template_swa": ("loginUrlRegex", "redirectUrl", "checkbox", "usernameField", "passwordField", "buttonField"),
    "template_basic_auth": ("loginUrlRegex",),
    "template_sps": [f"optionalField{number}{part}" for number in (1, 2, 3) for part in ("", "Value")],
    "google": ("afwId", "rpId"),
    "amazon_aws": (
        *("secretKey", "webSSOAllowedClient", "identityProviderArn", "overrideAcsURL"),
        *("accessKey", "secretKeyEnc"),
    ),
    "office365": ("tenantType", "occSettings"),
}
_OVERRIDES = ("defaultRelayState", "ssoAcsUrlOverride", "audienceOverride", "recipientOverride")
_SIGN_ON = {
    # What Okta keeps of the sign-on settings of an application from its catalogue.
    "SAML_2_0": (*_OVERRIDES, "destinationOverride", "attributeStatements"),
    "SAML_1_1": _OVERRIDES,
    "AUTO_LOGIN": ("redirectUrl", "loginUrl"),
}


def name_of(org: Org, label: str, mode: str, sent: str | None) -> str:
    """The name that tells an application's kind; one that is in no catalogue gets a name of its own."""
    usual = _USUAL_NAMES.get(mode)
    if sent or usual:
        return str(sent or usual)
    number = org.database.one("SELECT count(*) + 1 AS number FROM apps")
    assert number is not None  # count(*) always answers
    plain = "".join(letter for letter in label.lower() if letter.isalnum() or letter == "-")
    return f"sandbox_{plain}_{number['number']}"


def mode_of(name: str, sent: str) -> str:
    """How people sign in; an application of the catalogue knows it better than whoever makes an instance of it."""
    return catalog.sign_on_mode(name) if sent == "AUTO_LOGIN" and catalog.known(name) else sent


def completed(org: Org, name: str, mode: str, sent: Mapping[str, Any], before: Document | None = None) -> Document:
    """The whole of an application: what was sent, and the rest of its kind. `before` is what it replaces.

    Raises:
        OktaProblem: people would assign it to themselves, which is off in this org.
    """
    document = usual(name, mode, {part: sent[part] for part in _PARTS if part in sent})
    if document["accessibility"].get("selfService"):
        cause = "Self service application assignment for organization managed apps must be enabled."
        summary = "Self service application assignment is not enabled."
        raise OktaProblem(403, "E0000043", summary, [cause])
    _credentials(org, mode, document["credentials"], (before or {}).get("credentials", {}))
    document["features"] = []  # provisioning is on nowhere
    settings = document["settings"] = _unset(document["settings"])
    if name in _NULLS or mode in _SIGN_ON:
        settings["app"] = {**dict.fromkeys(_NULLS.get(name, ())), **settings["app"]}
    if mode in _SIGN_ON and not name.startswith("sandbox_"):
        given = settings.get("signOn") or {}
        none: dict[str, Any] = {key: [] if key == "attributeStatements" else None for key in _SIGN_ON[mode]}
        settings["signOn"] = {**none, **{key: value for key, value in given.items() if key in none}}
    return document


def usual(name: str, mode: str | None, document: Document) -> Document:
    """An application with everything that others of its kind have, too."""
    whole: Document = _merged(_usual(name, mode), document)
    return whole


def _usual(name: str, mode: str | None) -> Document:
    hidden = mode == "OPENID_CONNECT"
    links = _LINKS.get(name, (f"{name}_link",) if name.startswith("sandbox_") else ("login",))
    return {
        "accessibility": {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None},
        "visibility": {
            "autoLaunch": False,
            "autoSubmitToolbar": False,
            "hide": {"iOS": hidden, "web": hidden},
            "appLinks": dict.fromkeys(links, True),
        },
        "features": [],
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"}},
        "settings": {
            "app": {},
            "notifications": {
                "vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None},
            },
            "manualProvisioning": False,
            "implicitAssignment": False,
            "emOptInStatus": "NONE",
            "notes": {"admin": None, "enduser": None},
        },
    }


def _merged(usual: Any, sent: Any) -> Any:
    """What was sent over what is usual; nothing is as good as not sent."""
    if isinstance(usual, dict) and isinstance(sent, dict):
        return {**usual, **{key: _merged(usual.get(key), value) for key, value in sent.items()}}
    return usual if sent is None else sent


def _unset(value: Any) -> Any:
    """Okta shows an empty text as null."""
    if isinstance(value, dict):
        return {key: _unset(each) for key, each in value.items()}
    return None if value == "" else value


def orgs_kid(org: Org) -> str:
    """The name of the key that clients of OpenID Connect share."""
    return str(org.fact("app_signing_kid", lambda: secrets.token_urlsafe(32)))


def _credentials(org: Org, mode: str, credentials: Document, before: Document) -> None:
    template = credentials["userNameTemplate"]
    if template.get("type") == "CUSTOM":
        template.setdefault("pushStatus", "DONT_PUSH")
    key = {}
    if mode == "OPENID_CONNECT":
        key = {"kid": orgs_kid(org)}
    elif mode in _WITH_KEY:
        held = (before.get("signing") or {}).get("kid")
        key = {"kid": held or secrets.token_urlsafe(32)}
    credentials["signing"] = {**key, **(credentials.get("signing") or {})} if key else {}
    password, name = credentials.pop("password", None), credentials.pop("userName", None)
    if mode not in _WITH_PASSWORD:
        return
    credentials.setdefault("scheme", "EDIT_USERNAME_AND_PASSWORD")
    credentials.setdefault("revealPassword", False)
    if credentials["scheme"] == _SHARED:
        credentials["userName"] = name
        if password is not None or "password" in before:
            credentials["password"] = {}  # never shown

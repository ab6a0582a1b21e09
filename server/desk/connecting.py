"""Connects an org: finds out what the person must still be asked, then runs the sign-in itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from server.connection_names import DEFAULT, checked_name, free_name
from server.connections.book import read_credentials
from server.connections.manager import App
from server.connections.models import OPENID_SCOPES, Connection, Credentials
from server.connections.scopes import wanted_scopes
from server.desk.connections import ConnectionShown, shown
from server.desk.shown import Shown
from server.machine.placeholders import check_value
from server.policy.caller import Caller
from server.program import Program
from server.settings import Settings
from server.store.vault_key import from_keyring
from tools.okta.errors import InvalidInput
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from server.connections.sign_in import DeviceSignIn

Asked = Literal["org_url", "client_id", "client_secret", "api_token"]
"""What a person can be asked for."""


class DeviceCode(Shown):
    """The code for another device: type it at `url`, or open `complete_url`."""

    user_code: str
    url: str
    complete_url: str


@dataclass(frozen=True)
class Wanted:
    """What is to be connected, as far as it is known. `read_only`: only scopes that read. `replace`: another org, app
    or identity may take the name, and the old tokens are revoked."""

    name: str | None = None
    org_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    device: bool = False
    service: bool = False
    browser: bool = False
    public: bool = False
    private_key_file: Path | None = None
    kid: str | None = None
    by_api_token: bool = False
    api_token: str | None = field(default=None, repr=False)
    read_only: bool = False
    add_scopes: bool = False
    replace: bool = False


def check(settings: Settings, wanted: Wanted) -> None:
    """Accept a request that can be fulfilled here.

    Raises:
        InvalidInput: the name or a value is invalid, or nothing is kept here.
    """
    checked_name(wanted.name or DEFAULT)
    for option, value in (("--org-url", wanted.org_url), ("--client-id", wanted.client_id), ("--kid", wanted.kid)):
        check_value(option, value)
    if settings.memory_only:
        raise InvalidInput(
            "OKTA_ACTIONS_MEMORY_ONLY keeps tokens in the process that signs in, and this one ends.",
            code="memory_only",
            next_step="Unset it here; or let the server sign in: its first call gives the address.",
        )


async def to_ask(program: Program, wanted: Wanted) -> Asked | None:
    """The next missing item; None if nothing is missing. Call it again with each answer until then.

    Raises:
        InvalidInput: the known values make no sense. NameTaken: another connection has the name, and is not replaced.
    """
    settings, known = program.settings, await _known(program, wanted)
    if known is None:
        free_name(wanted.name or DEFAULT)
    if not (org_url := _org_url(settings, wanted, known)):
        return "org_url"
    org_url = checked_org_url(org_url)
    if wanted.by_api_token:
        return None if _api_token(settings, wanted) else "api_token"
    if not (client_id := _client_id(settings, wanted, known)):
        return "client_id"
    # Check this before asking for a secret.
    await program.connections.register.place(wanted.name, org_url, client_id, replacing=wanted.replace)
    kept, service = await _kept(program, wanted, known, org_url, client_id)
    return "client_secret" if _credentials(settings, wanted, kept, service=service) is None else None


async def connect(
    program: Program,
    wanted: Wanted,
    by: Caller,
    *,
    present: Callable[[str], Awaitable[None]],
    show_code: Callable[[DeviceCode], Awaitable[None]],
    tell: Callable[[str], None],
) -> ConnectionShown:
    """Connect once `to_ask` has no more questions. `present` takes the person to a URL in a browser, `show_code` shows
    the code for another device, and `tell` reports progress.

    Raises:
        ActionError: Okta or the person refused, or something is missing.
    """
    made = await _connected(program, wanted, by, present, show_code, tell)
    return await shown(program, made, await program.connections.current())


async def _connected(
    program: Program,
    wanted: Wanted,
    by: Caller,
    present: Callable[[str], Awaitable[None]],
    show_code: Callable[[DeviceCode], Awaitable[None]],
    tell: Callable[[str], None],
) -> Connection:
    settings, connections, known = program.settings, program.connections, await _known(program, wanted)
    org_url = checked_org_url(_org_url(settings, wanted, known) or "")
    how: dict[str, Any] = {"name": wanted.name, "replacing": wanted.replace, "by": by}
    if wanted.by_api_token:
        return await connections.connect_api_token(org_url, _api_token(settings, wanted) or "", **how)
    client_id = _client_id(settings, wanted, known) or ""
    kept, service = await _kept(program, wanted, known, org_url, client_id)
    app = App(org_url, client_id, _credentials(settings, wanted, kept, service=service) or Credentials())
    scopes = _scopes(settings, wanted, known)
    again = known is not None and (known.org_url, known.client_id) == (org_url, client_id)
    if wanted.device or (again and known is not None and known.method == "device_code" and not wanted.browser):

        async def show(begun: "DeviceSignIn") -> None:
            await show_code(DeviceCode(user_code=begun.user_code, url=begun.url, complete_url=begun.complete_url))

        return await connections.connect_on_device(app, show, scopes=scopes, **how)
    if app.credentials.private_key and not wanted.browser:
        return await connections.connect_service(app, scopes=scopes, **how)
    return await connections.connect(app, present, tell, scopes=scopes, **how)


async def _known(program: Program, wanted: Wanted) -> Connection | None:
    return await program.connections.book.named(wanted.name or DEFAULT)


def _org_url(settings: Settings, wanted: Wanted, known: Connection | None) -> str | None:
    return wanted.org_url or settings.org_url or (known.org_url if known else None)


def _client_id(settings: Settings, wanted: Wanted, known: Connection | None) -> str | None:
    return wanted.client_id or settings.client_id or (known.client_id if known else None)


def _api_token(settings: Settings, wanted: Wanted) -> str | None:
    return wanted.api_token or (settings.api_token.get_secret_value() if settings.api_token else None)


async def _kept(
    program: Program, wanted: Wanted, known: Connection | None, org_url: str, client_id: str
) -> tuple[Credentials, bool]:
    """The credentials kept for the same app, and whether a service app is to be connected."""
    if known is None or (known.org_url, known.client_id) != (org_url, client_id):
        return Credentials(), wanted.service
    kept = await program.store.read(lambda database: read_credentials(database, known.name))
    return kept, wanted.service or known.method == "client_credentials"


def _scopes(settings: Settings, wanted: Wanted, known: Connection | None) -> tuple[str, ...]:
    """The scopes to request; empty for all that the actions need."""
    rules = settings.model_copy(update={"read_only": True}) if wanted.read_only else settings
    scopes = wanted_scopes(rules)
    if wanted.add_scopes and known is not None:
        held = (scope for scope in known.scopes_granted if scope not in OPENID_SCOPES)
        scopes = tuple(dict.fromkeys((*held, *scopes)))
    return scopes


def _credentials(settings: Settings, wanted: Wanted, kept: Credentials, *, service: bool) -> Credentials | None:
    """The app's credentials: those given now, else those kept; None if the person has to say.

    Raises:
        InvalidInput: the private key is invalid. StoreError: the keyring has none.
    """
    if wanted.public:
        return Credentials()
    key = _private_key(settings, wanted)
    kid = wanted.kid if wanted.kid is not None else settings.private_key_id if key else None
    if not key and kid is not None:
        key = kept.private_key
        if key is None:
            raise InvalidInput(
                "--kid was given, and no private key.",
                code="missing_private_key",
                next_step="Give the key too: --private-key-file FILE",
            )
    if key:
        from server.connections.keys import dumped, load

        return Credentials(private_key=dumped(load(key, kid)))
    if settings.client_secret:
        return replace(kept, client_secret=settings.client_secret.get_secret_value(), private_key=None)
    if kept.private_key or kept.client_secret:
        return kept
    if service:
        return Credentials()  # the manager says what a service app needs
    return Credentials(client_secret=wanted.client_secret) if wanted.client_secret else None


def _private_key(settings: Settings, wanted: Wanted) -> str | None:
    if wanted.private_key_file:
        try:
            return wanted.private_key_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"{wanted.private_key_file} cannot be read ({type(error).__name__}).", code="invalid_private_key"
            ) from None
    if settings.private_key:
        return settings.private_key.get_secret_value()
    return from_keyring(settings.private_key_keyring) if settings.private_key_keyring else None

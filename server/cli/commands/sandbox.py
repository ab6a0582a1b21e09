"""`okta-actions sandbox`: runs the embedded org alone, with what clients of every kind need to connect."""

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer

from server.mcp.transports import a_signal
from server.media.terminal import say
from server.settings import load
from tools.okta.errors import InvalidInput

if TYPE_CHECKING:
    from server.sandbox.running import RunningSandbox

KEY_FILE = "sandbox-service.jwk"
TLS_FOLDER = "sandbox-tls"


def command(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port on 127.0.0.1. [default: 8322]")] = None,
    data: Annotated[Path | None, typer.Option(help="SQLite file to keep the org in. [default: in memory]")] = None,
    users: Annotated[int | None, typer.Option(min=1, help="Fill a new org with this many people.")] = None,
    api_token: Annotated[str | None, typer.Option(help="API token (SSWS) that the org accepts.")] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(help="Your public key (JWK or PEM) for the service app. [default: a pair in the data folder]"),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS, with a certificate made on the spot.")] = False,
) -> None:
    """Run the embedded Okta org alone.

    An HTTP server on loopback that behaves like an Okta org, with about sixty people in it, for tests and for trying
    things out. It prints the credentials it made for itself: an API token, a web, a native and a service app.
    Administrators make others at /oauth2/v1/clients, as at Okta.

    Behind a proxy that ends TLS, the proxy must run on this machine, pass the Host header on and send
    X-Forwarded-Proto: the org takes its own URL from them, which tokens name and DPoP proofs are checked against.
    """
    _run(port, data, users, api_token, public_key, tls=tls)


def _run(
    port: int | None,
    data: Path | None,
    users: int | None,
    api_token: str | None,
    public_key: Path | None,
    *,
    tls: bool,
) -> None:
    """Runs the org until a signal arrives."""
    from server.sandbox.running import PortTaken, RunningSandbox

    settings = load()
    given = _public(public_key) if public_key else None
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        running = RunningSandbox(
            data,
            port=port if port is not None else settings.sandbox_port,
            users=users,
            api_token=api_token,
            tls=settings.data_dir / TLS_FOLDER if tls else None,
        )
    except PortTaken as error:
        raise InvalidInput(str(error), code="port_taken", next_step="Choose another with --port.") from None
    with running:
        file = settings.data_dir / KEY_FILE
        kid = _give_key(running, given, public_key) if given else _give_key(running, _kept_key(running, file), file)
        say(f"Okta sandbox on {running.url}, data {data or 'in memory'}")
        _show_credentials(running, kid, None if given else file)
        _show_commands(running, file if not given else None)
        say("Stop with Ctrl-C.")
        anyio.run(a_signal)


def _public(file: Path) -> dict[str, Any]:
    """The public key in a file: a JWK, a JWK set or PEM.

    Raises:
        InvalidInput: the file has none, or it holds a private key, which must not be shared.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        text = file.read_text(encoding="utf-8-sig").strip()
        if text.startswith("{"):
            jwk = json.loads(text)
            (jwk,) = jwk.get("keys", [jwk])
            return dict(jwk)
        if "PRIVATE KEY" in text:
            raise _no_public_key(file, "it holds a private key")
        try:
            return dict(RSAKey.import_key(text).as_dict(private=False))
        except (JoseError, ValueError, TypeError):
            return dict(ECKey.import_key(text).as_dict(private=False))
    except OSError as error:
        raise _no_public_key(file, error.strerror or "it cannot be read") from None
    except (JoseError, ValueError, TypeError, AttributeError):
        raise _no_public_key(file, "it is neither a JWK nor PEM with one RSA or EC key") from None


def _no_public_key(file: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"{file} cannot be used as the public key of the service app: {why}.",
        code="invalid_public_key",
        next_step="Give the public half, as okta-actions keygen prints it, in a file of its own.",
    )


def _kept_key(running: "RunningSandbox", file: Path) -> dict[str, Any]:
    """The service app's private key: read from the file, or created if there is none."""
    if file.exists():
        try:
            key = json.loads(file.read_text(encoding="utf-8"))
            return {name: key[name] for name in ("kty", "n", "e", "kid", "use", "alg")}
        except (OSError, ValueError, KeyError, TypeError):
            raise InvalidInput(
                f"{file} is not the key that the sandbox put there.",
                code="invalid_private_key",
                next_step="Remove it, and another is made; or give your own public key with --public-key.",
            ) from None
    key = running.service_key
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(json.dumps(key, indent=2) + "\n")
    return {name: key[name] for name in ("kty", "n", "e", "kid", "use", "alg")}


def _give_key(running: "RunningSandbox", public: dict[str, Any], file: Path | None) -> str:
    from server.sandbox.authorization.public_keys import BadKey

    try:
        return running.set_service_key(public)
    except BadKey as error:
        raise _no_public_key(file or Path(), str(error)[:1].lower() + str(error)[1:].rstrip(".")) from None


def _show_credentials(running: "RunningSandbox", kid: str, key: Path | None) -> None:
    demo = running.demo
    say(f"API token:      {demo.api_token}")
    say(f"Client ID:      {demo.client_id}")
    say(f"Client secret:  {demo.client_secret}")
    say(f"Native app:     {demo.native_client_id}, without a secret")
    say(f"Service app:    {demo.service_client_id}, private key {key or 'yours'}, kid {kid}")
    say(f"Administrator:  {demo.admin_login}, password {demo.admin_password}")
    if running.ca_file:
        say(f"CA certificate: {running.ca_file}")


def _show_commands(running: "RunningSandbox", key: Path | None) -> None:
    """The ways to connect, as commands to try. They are complete and minimal, so that a shell can paste them."""
    demo = running.demo
    if running.ca_file:
        say("Trust the certificate in the shell that connects:")
        for name in ("OKTA_ACTIONS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            say(f"  export {name}={shlex.quote(str(running.ca_file))}", whole=True)
    connect = f"okta-actions connect --org-url {running.url} --client-id"
    file = shlex.quote(str(key)) if key else "FILE"
    say("Connect in the browser, on another device, or with the key:")
    say(f"  {connect} {demo.native_client_id} --public", whole=True)
    say(f"  {connect} {demo.native_client_id} --public --device", whole=True)
    say(f"  {connect} {demo.service_client_id} --private-key-file {file}", whole=True)

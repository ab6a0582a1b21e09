"""All settings and their defaults. OKTA_ACTIONS_ and a setting's name in capitals is its variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self, get_args

from platformdirs import user_data_path
from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from server.connection_names import checked_name
from server.machine.placeholders import check_value, is_placeholder, not_expanded
from server.policy.file import PolicyFile, read_policy
from server.policy.rules import FREE, Names, Rules, lowered, raised, reason
from tools.okta.errors import InvalidInput

PREFIX = "OKTA_ACTIONS_"
POLICY = "policy.toml"
"""The policy file's name in the data folder."""
Source = Literal["option", "variable", "policy file", "floor", "default"]


@dataclass(frozen=True)
class Told:
    """The sources of the settings' values. `floors` are the policy files that have one."""

    sources: Mapping[str, Source]
    policy: PolicyFile | None
    floors: tuple[PolicyFile, ...]


def _folder() -> Path:
    """The default data folder."""
    return user_data_path("okta-actions", appauthor=False)


_TOLD = "(told)"
"""The key under which the last source returns the sources; no setting can have this name."""


class Settings(Rules, BaseSettings):
    # An empty variable counts as unset, as shells and compose files create them: it switches no rule off.
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    policy_file: Path | None = Field(
        None, description="Policy file; see docs/policy.example.toml. Variables take precedence over it."
    )

    data_dir: Path = Field(
        default_factory=_folder,
        description="Folder for the store, the key file and the sandbox's data.",
    )
    connection: str | None = Field(
        None, description="Connection to use. Default: the one named “default”, or the only one."
    )
    org_url: str | None = Field(None, description="Org URL for `connect`, if it gets none.")
    client_id: str | None = Field(None, description="Client ID for `connect`, if it gets none.")
    client_secret: SecretStr | None = Field(None, description="Client secret for `connect`, so that it does not ask.")
    redirect_uri: str = Field(
        "http://localhost:8765/authorization-code/callback",
        description="Redirect URI of the sign-in: a loopback address, exactly as the app lists it.",
    )
    sign_in_timeout: float = Field(300.0, gt=0, description="Time limit for a sign-in in the browser, in seconds.")
    vault_key: SecretStr | None = Field(
        None, description="The vault's key: 32 bytes in base64. Replaces the keyring and the key file."
    )
    vault_key_command: str | None = Field(
        None, description="Command that prints the vault's key, such as a password manager's. It must not prompt."
    )
    new_vault_key: SecretStr | None = Field(
        None, description="New key for `vault rotate`, if the key comes from a variable or a command."
    )
    memory_only: bool = Field(
        False, description="Keep tokens in memory and write nothing to disk; the journal goes to the log."
    )
    vault_key_source: Literal["auto", "keyring", "file"] = Field(
        "auto", description="Where to keep a new vault key: the OS keyring, or a file that only you can read."
    )
    private_key: SecretStr | None = Field(
        None, description="Private key of a service app (PEM or JWK), if `connect` gets no file."
    )
    private_key_id: str | None = Field(
        None, description="Key ID (kid) that Okta shows for that key, if Okta made it or the key is PEM."
    )
    private_key_keyring: str | None = Field(None, description="Keyring entry of that key, as SERVICE/ACCOUNT.")
    api_token: SecretStr | None = Field(None, description="API token for `connect`, so that it does not ask.")
    allow_api_token: bool = Field(
        False, description="Allow connections by API token, which have all rights of the token's owner."
    )
    proxy: str | None = Field(None, description="Proxy for requests to Okta, such as http://proxy.example.com:3128.")
    ca_bundle: Path | None = Field(None, description="File of additional certificate authorities (PEM).")
    host: str = Field("127.0.0.1", description="Address to serve MCP over HTTP on.")
    port: int = Field(8321, ge=1, le=65535, description="Port to serve MCP over HTTP on.")
    tls_cert: Path | None = Field(None, description="Certificate chain (PEM) for serving MCP over HTTPS.")
    tls_key: Path | None = Field(None, description="Key of the certificate (PEM), if it is in another file.")
    behind_proxy: bool = Field(
        False, description="A proxy in front terminates HTTPS, so plain HTTP may be served on any address."
    )
    allow_hosts: Names = Field((), description="Additional host names under which HTTP clients reach the server.")
    sandbox_port: int = Field(8322, ge=1, le=65535, description="Port of the embedded org.")
    model: str = Field("gpt-5.6-terra", description="Model for chat and ask; for the API “script”, the script's file.")
    model_api: Literal["responses", "chat", "script"] = Field(
        "responses",
        description="API of the model's server: OpenAI's Responses, or Chat Completions for most others.",
    )
    model_stream: bool = Field(True, description="Stream the model's answers; some servers cannot.")
    model_rounds: int = Field(25, ge=1, description="Maximum number of model calls in one turn.")
    model_tokens: int = Field(400_000, ge=1, description="Maximum number of tokens that one turn may read and write.")
    model_seconds: float = Field(
        300.0, gt=0, description="Time limit for one turn in seconds, not counting the time for confirmations."
    )
    mcp_token: SecretStr | None = Field(None, description="Bearer token for the MCP server that --url names.")

    _told: Told = PrivateAttr(default_factory=lambda: Told({}, None, ()))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options override variables, variables override the policy file, and the file's rules override its floor."""
        return init_settings, env_settings, PolicySource(settings_cls, init_settings)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_was_told(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        told = values.pop(_TOLD, None) if isinstance(values, dict) else None
        settings = handler(values)
        if told is not None:
            settings._told = told
        return settings

    @field_validator("policy_file", "data_dir", "ca_bundle", "tls_cert", "tls_key")
    @classmethod
    def _a_place(cls, path: Path | None) -> Path | None:
        return _absolute(path) if path is not None else None

    @field_validator("connection")
    @classmethod
    def _a_name(cls, name: str | None) -> str | None:
        try:
            return checked_name(name) if name is not None else None
        except InvalidInput as error:
            raise ValueError(error.summary.rstrip(".")) from None

    def source(self, setting: str) -> Source:
        """The source of a setting's value."""
        return self._told.sources.get(setting, "default")

    def setter(self, setting: str) -> str:
        """What set it, in the form that the person wrote: the option, the variable, or the rule in its file."""
        match self.source(setting):
            case "option":
                return _option(setting)
            case "variable":
                return PREFIX + setting.upper()
            case _:
                return f"{setting} in the policy file {self.policy}"

    @property
    def has_policy_file(self) -> bool:
        return self._told.policy is not None

    @property
    def weakened(self) -> list[str]:
        """The rules of the policy file that variables or options weaken."""
        policy = self._told.policy
        return lowered(policy.rules, self) if policy is not None else []

    def require_floors(self) -> None:
        """Refuse rules that are weaker than those under a `[floor]`.

        Raises:
            InvalidInput: names the floor, and what lowers it.
        """
        for file in self._told.floors:
            for rule in lowered(file.floor, self):
                raise InvalidInput(
                    f"{self.setter(rule)} makes the rule {rule} weaker than the floor in {file.path} allows.",
                    code="below_floor",
                    next_step=f"Remove it, or make it at least as strict as [floor] in {file.path}.",
                )

    @property
    def store_file(self) -> Path:
        return self.data_dir / "store.db"

    @property
    def marker_file(self) -> Path:
        """Beside the vault's key, so that restoring the store alone does not restore it."""
        return self.data_dir / "journal.marker"

    @property
    def policy(self) -> Path:
        """The path of the rules, if there are any."""
        return self.policy_file or self.data_dir / POLICY

    @property
    def sandbox_file(self) -> Path:
        return self.data_dir / "sandbox.db"


class PolicySource(PydanticBaseSettingsSource):
    """Reads the rules from the named policy file, or from the one in the data folder.

    A floor in the data folder applies even if another file is named: the person who starts a server names the file.
    """

    def __init__(self, settings: type[BaseSettings], options: PydanticBaseSettingsSource) -> None:
        super().__init__(settings)
        self._options = options

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Unused: no setting is looked up on its own."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        before, options = self.current_state, self._options()
        sources: dict[str, Source] = {name: "option" if name in options else "variable" for name in before}
        policy, others = self._files()
        floors = tuple(file for file in (policy, *others) if file is not None and file.floor.model_fields_set)
        found: dict[str, Any] = {}
        written: list[tuple[Source, Rules]] = [("policy file", policy.rules)] if policy is not None else []
        written += [("floor", file.floor) for file in floors]
        for source, rules in written:
            for name in rules.model_fields_set - sources.keys():
                found[name] = raised(name, rules) if source == "floor" else getattr(rules, name)
                sources[name] = source
        return {**found, _TOLD: Told(sources, policy, floors)}

    def _files(self) -> tuple[PolicyFile | None, list[PolicyFile]]:
        """The policy file in force, and others whose floor applies.

        Raises:
            InvalidInput: one of them is not a valid policy.
        """
        try:
            named = self._place("policy_file")
            folder = self._place("data_dir") or _folder()
        except ValueError:
            return None, []  # the setting's own check refuses it, with the reason
        own = folder / POLICY
        # A broken link is an unreadable policy, not a missing one.
        there = [read_policy(own)] if os.path.lexists(own) and own != named else []
        return (read_policy(named), there) if named is not None else (there[0] if there else None, [])

    def _place(self, setting: str) -> Path | None:
        given = self.current_state.get(setting)
        return _absolute(Path(given)) if given else None


OTHER_VARIABLES = ("PASSPHRASE",)
"""Our variables that are not settings."""
_FREE = frozenset({"vault_key_command", "passphrase"})
"""Values that may hold any character: a command for a shell, and a passphrase."""
_NO_ADDRESS = frozenset({"proxy", "private_key_keyring", "model", *FREE})
"""Values other than addresses; in an address a dollar, a per cent or an angle bracket would be out of place."""


def _absolute(path: Path) -> Path:
    """A path, with the person's home expanded.

    Raises:
        ValueError: the path depends on the folder in which a client happens to start this.
    """
    try:
        path = path.expanduser()
    except RuntimeError:
        raise ValueError("that home folder does not exist") from None
    if not path.is_absolute():
        raise ValueError("it is a relative path, which depends on where this is started")
    return path


def _refuse_placeholders() -> None:
    """Refuse placeholders in a variable that a client or shell should have replaced.

    Raises:
        InvalidInput: names the variable.
    """
    for name, value in os.environ.items():
        setting = name.upper().removeprefix(PREFIX)
        if not name.upper().startswith(PREFIX) or not value:
            continue
        field = Settings.model_fields.get(setting.lower())
        kinds = get_args(field.annotation) if field else ()
        free, secret = setting.lower() in _FREE, SecretStr in kinds
        listed = field is not None and setting.lower() in Rules.model_fields
        address = not free and not secret and setting.lower() not in _NO_ADDRESS
        if any(
            is_placeholder(one, free=free, address=address) for one in (value.split(",") if listed else (value,))
        ) or is_placeholder(value, free=free, address=address):
            raise not_expanded(name, None if free or secret else value)


def _refuse_unknown_variables() -> None:
    """Refuse unknown variables: a rule with a misspelt name would apply to nobody.

    Raises:
        InvalidInput: names the variable, and the nearest existing one.
    """
    known = {f"{PREFIX}{name.upper()}" for name in (*Settings.model_fields, *OTHER_VARIABLES)}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            nearest = get_close_matches(name.upper(), known, n=1)
            raise InvalidInput(
                f"There is no setting {name}.",
                code="invalid_setting",
                next_step=f"Did you mean {nearest[0]}?"
                if nearest
                else "docs/reference/settings.md lists the settings.",
            )


def load(**given: Any) -> Settings:
    """The settings, from the policy file, the environment and then from `given`.

    Raises:
        InvalidInput: a variable's value is invalid, or the policy file is not one. The variable's value is
            not repeated: it may be a secret.
    """
    _refuse_unknown_variables()
    _refuse_placeholders()
    options = {name: value for name, value in given.items() if value is not None}
    for name, value in options.items():
        check_value(_option(name), value if isinstance(value, str) else None)
    try:
        settings = Settings(**options)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0])
        where = _option(name) if name in options else PREFIX + name.upper()
        raise InvalidInput(f"{where} is not usable: {reason(first)}.", code="invalid_setting") from None
    settings.require_floors()
    return settings


def _option(setting: str) -> str:
    return f"--{setting.replace('_', '-')}"

"""The apps that connections are made through, and their credentials."""

from dataclasses import dataclass, field, replace

from server.connections.models import ClientAuth, Credentials
from server.settings import Settings
from tools.okta.urls import org_url as checked_org_url


@dataclass(frozen=True)
class App:
    """The app to connect through, and its credentials."""

    org_url: str
    client_id: str
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def client_auth(self) -> ClientAuth:
        if self.credentials.private_key:
            return "private_key_jwt"
        return "client_secret" if self.credentials.client_secret else "none"


def app_of_settings(settings: Settings) -> App | None:
    """The app named in the settings, with its credentials; None if they name none.

    Raises:
        InvalidInput: its private key is not a valid key.
    """
    if not settings.org_url or not settings.client_id:
        return None
    secret = settings.client_secret.get_secret_value() if settings.client_secret else None
    key = None
    if settings.private_key:
        from server.connections.keys import dumped, load

        key = dumped(load(settings.private_key.get_secret_value(), settings.private_key_id))
    return App(settings.org_url, settings.client_id, Credentials(client_secret=secret, private_key=key))


def checked(app: App) -> App:
    return replace(app, org_url=checked_org_url(app.org_url))

"""Factors: what a person proves who they are with, beside the password. Okta's Factors API calls them enrollments too.

The names of devices and the numbers and addresses in them come from people. A factor is as protected as its person.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from tools.contract.outcomes import Observed
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.passwords import is_kept_elsewhere
from tools.objects.statuses import cannot
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.text.lines import readable
from tools.text.quoting import quote, quote_address
from tools.text.redaction import HIDDEN

_NAMES = {
    ("push", "OKTA"): "Okta Verify push",
    ("signed_nonce", "OKTA"): "Okta FastPass",
    ("token:software:totp", "OKTA"): "Okta Verify code",
    ("token:software:totp", "GOOGLE"): "Google Authenticator code",
    ("sms", "OKTA"): "SMS",
    ("call", "OKTA"): "phone call",
    ("email", "OKTA"): "e-mail code",
    ("question", "OKTA"): "security question",
    ("webauthn", "FIDO"): "security key or passkey",
    ("u2f", "FIDO"): "security key",
    ("token:hardware", "YUBICO"): "YubiKey code",
    ("token:hotp", "CUSTOM"): "hardware token code",
}
_OKTA_VERIFY = ("push", "signed_nonce", "token:software:totp")
"""The types that the app Okta Verify enrolls together."""
_APP_GOES_WITH = ("push", "signed_nonce")
"""Those of them with which Okta removes the whole app (Okta's API reference, "Unenroll a factor")."""
_PHONES = ("mobilePhone", "primaryPhone")
_ADDRESSES = ("email", "secondEmail")
MOST_NAMED = 8
"""Factors that a sentence names."""


class Factor(Observed):
    """A factor as the Factors API returns one. Unknown types and statuses are passed through."""

    id: str
    factor_type: str
    provider: str = ""
    status: str = ""
    created: datetime | None = None
    last_updated: datetime | None = None
    profile: dict[str, Any] = Field(default_factory=dict)

    @property
    def kind(self) -> str:
        known = _NAMES.get((self.factor_type, self.provider))
        return known or readable(f"{self.provider} {self.factor_type}")[:60]

    @property
    def works(self) -> bool:
        return self.status == "ACTIVE"

    @property
    def device(self) -> str | None:
        """What the person calls the device or key."""
        return self._text("name") or self._text("authenticatorName")

    @property
    def phone(self) -> str | None:
        return _masked(self._text("phoneNumber"), _PHONES)

    @property
    def email(self) -> str | None:
        return _masked(self._text("email"), _ADDRESSES)

    @property
    def label(self) -> str:
        """How sentences name it: `Okta Verify push on “Jane's iPhone” (opf…)`."""
        told = self.kind
        if self.device:
            told += f" on {quote(self.device)}"
        elif self.phone:
            told += f" to {self.phone if self.phone == HIDDEN else quote(self.phone)}"
        elif self.email:
            told += f" to {self.email if self.email == HIDDEN else quote_address(self.email)}"
        return f"{told} ({readable(self.id)[:40]})" + ("" if self.works else f", {readable(self.status)[:30]}")

    def _text(self, name: str) -> str | None:
        value = self.profile.get(name)
        return value if isinstance(value, str) and value else None


def _masked(value: str | None, attributes: Iterable[str]) -> str | None:
    """A number or address; hidden if a rule hides one of the attributes that hold such values."""
    return HIDDEN if value is not None and any(map(sight().hides, attributes)) else value


class PersonAndFactors(Observed):
    user: User
    factors: tuple[Factor, ...]

    def seal(self) -> str:
        return self.user.seal() + " ".join(factor.model_dump_json() for factor in self.factors)

    def factor(self, id: str) -> Factor:
        """The person's factor with this id.

        Raises:
            NotFound: they have none; it lists those that they have.
        """
        for factor in self.factors:
            if factor.id == id:
                return factor
        raise NotFound(
            f"{self.user.label} has no factor with the id {quote(id)}. {self.listed}",
            code="no_such_factor",
            next_step="Send the id of one of those as factor_id." if self.factors else "There is nothing to do.",
        )

    @property
    def listed(self) -> str:
        return f"They have {named(self.factors)}." if self.factors else "They have no factor."

    def goes_with(self, one: Factor) -> tuple[Factor, ...]:
        """What Okta removes if this factor is removed: all of the app, where it is part of Okta Verify."""
        if one.factor_type not in _APP_GOES_WITH or one.provider != "OKTA" or not one.works:
            return (one,)
        app = [each for each in self.factors if each.factor_type in _OKTA_VERIFY and each.provider == "OKTA"]
        return (one, *(each for each in app if each.id != one.id))

    def left(self, gone: Iterable[Factor]) -> str:
        """What they can still prove who they are with."""
        ids = {factor.id for factor in gone}
        working = [factor for factor in self.factors if factor.id not in ids and factor.works]
        password = (
            "the password that another system keeps"
            if is_kept_elsewhere(self.user)
            else "no password"
            if self.user.credentials.password is None
            else "the password"
        )
        if not working:
            return f"Left to sign in by: {password}, and no factor. Where a policy asks for one, they must enroll anew."
        return f"Left to sign in by: {password}, and {named(working)}."


def named(factors: Iterable[Factor]) -> str:
    told = [factor.label for factor in factors]
    rest = len(told) - MOST_NAMED
    return "; ".join((*told[:MOST_NAMED], *([f"and {rest} more"] if rest > 0 else ())))


async def person_and_factors(request: OnePerson, okta: OktaClient, pending: Pending) -> PersonAndFactors:
    user, factors = await asyncio.gather(pending.the(User), _factors(okta, request.user_id))
    if factors is None:
        raise cannot(user, "Okta shows no factors of deactivated people.", code="user_deactivated")
    return PersonAndFactors(user=user, factors=factors)


async def _factors(okta: OktaClient, user: str) -> tuple[Factor, ...] | None:
    """None where Okta does not know the person here: somebody deactivated."""
    pages = okta.pages("users", user, "factors")
    try:
        return tuple([Factor.model_validate(one) async for page in pages for one in page])
    except NotFound:
        return None

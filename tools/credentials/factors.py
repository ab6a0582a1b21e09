"""Factors: which a person has, and removing them, so that they can enroll anew."""

from datetime import datetime

from pydantic import Field

from tools.contract.action import reads, writes
from tools.contract.arguments import Named
from tools.contract.definition import Effect
from tools.contract.facts import Facts
from tools.contract.outcomes import Outcome, Output
from tools.contract.preview import Preview
from tools.contract.targets import Pending
from tools.objects.factors import Factor, PersonAndFactors, named, person_and_factors
from tools.objects.statuses import cannot
from tools.objects.users import OnePerson
from tools.okta.client import OktaClient
from tools.text.counts import counted


class FactorRow(Output):
    factor_id: str
    factor: str = Field(description="Its kind.")
    status: str
    device: str | None = None
    phone: str | None = None
    address: str | None = None
    enrolled: datetime | None = None


class FoundFactors(Output):
    user_id: str
    login: str
    status: str
    factors: list[FactorRow]
    note: str


@reads(
    scopes={"okta.users.read"},
    observe=person_and_factors,
    words="authenticators of a person, which MFA is enrolled, second factors, does somebody have Okta Verify",
)
async def list_factors(request: OnePerson, okta: OktaClient, found: PersonAndFactors) -> FoundFactors:
    """List the factors of a person, such as Okta Verify or SMS: id, kind, status and device.

    To remove one, use reset_factor; to send a push to one, use verify_person.
    """
    return FoundFactors(
        user_id=found.user.id,
        login=found.user.login,
        status=found.user.status,
        factors=[_row(factor) for factor in found.factors],
        note=found.left(()),
    )


def _row(one: Factor) -> FactorRow:
    return FactorRow(
        factor_id=one.id,
        factor=one.kind,
        status=one.status,
        device=one.device,
        phone=one.phone,
        address=one.email,
        enrolled=one.created,
    )


class RemovedFactors(Outcome):
    user_id: str | None = None
    login: str | None = None
    removed: list[str] | None = Field(None, description="Ids of factors.")

    @classmethod
    def of(cls, before: PersonAndFactors, gone: tuple[Factor, ...]) -> "RemovedFactors":
        user = before.user
        told = f"Removed from {user.label}: {named(gone)}. {before.left(gone)}"
        ids = [factor.id for factor in gone]
        return cls.done(user_id=user.id, login=user.login, removed=ids, message=told)


class ResetFactor(OnePerson):
    factor_id: Named = Field(description="Id from list_factors.")


async def the_factor(request: ResetFactor, okta: OktaClient, pending: Pending) -> PersonAndFactors:
    found = await person_and_factors(request, okta, pending)
    found.factor(request.factor_id)
    return found


def unless_deactivated(request: OnePerson, before: PersonAndFactors) -> None:
    if before.user.status == "DEPROVISIONED":
        raise cannot(before.user, "Okta removes no factors of deactivated people.", code="user_deactivated")


def _facts(factors: tuple[Factor, ...]) -> Facts:
    return {factor.id: factor.kind for factor in factors}


def what_removing_does(request: ResetFactor, before: PersonAndFactors) -> Preview:
    one = before.factor(request.factor_id)
    gone, user = before.goes_with(one), before.user
    whole = f" All of Okta Verify goes with it, {len(gone)} factors: {named(gone)}." if len(gone) > 1 else ""
    return Preview(
        f"Remove a factor of {user.label}, {user.status}: {one.label}.",
        headline=f"Remove a factor of {user.address}: {one.label}.",
        consequence=f"{before.left(gone)}{whole}",
        details=(f"Person: {user.described}.", *_since(one)),
        before={"exists": True, "factors": _facts(gone)},
        after={"exists": False},
    )


def _since(one: Factor) -> tuple[str, ...]:
    return (f"It was enrolled on {one.created:%Y-%m-%d}.",) if one.created else ()


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=the_factor,
    preview=what_removing_does,
    refuse=unless_deactivated,
    undo="only the person can enroll a factor again.",
    words="lost phone, remove one authenticator, unenrol a factor, broken yubikey",
)
async def reset_factor(request: ResetFactor, okta: OktaClient, before: PersonAndFactors) -> RemovedFactors:
    """Remove one factor of a person, such as Okta Verify on a lost phone; they can enroll it anew.

    Get the id from list_factors. To remove all factors, use reset_all_factors.
    """
    await okta.delete("users", before.user.id, "factors", request.factor_id)
    return RemovedFactors.of(before, before.goes_with(before.factor(request.factor_id)))


def has_none(request: OnePerson, before: PersonAndFactors) -> RemovedFactors:
    told = f"Nothing to do: {before.user.label} has no factor."
    return RemovedFactors.unchanged(user_id=before.user.id, login=before.user.login, removed=[], message=told)


def what_removing_all_does(request: OnePerson, before: PersonAndFactors) -> Preview:
    user = before.user
    return Preview(
        f"Remove all factors of {user.label}, {user.status}: {named(before.factors) or 'none'}.",
        headline=f"Remove all factors of {user.address}: {counted(len(before.factors), 'factor')}.",
        consequence=f"{before.left(before.factors)} Whoever knows the password may enroll a factor of theirs, and "
        "verify_person cannot ask them until then.",
        details=(f"Person: {user.described}.", *(f"Goes: {factor.label}." for factor in before.factors)),
        before={"factors": dict(_facts(before.factors))},
        after={"factors": {}},
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=person_and_factors,
    preview=what_removing_all_does,
    refuse=unless_deactivated,
    unchanged=has_none,
    undo="only the person can enroll factors again.",
    words="reset all factors, remove all authenticators, all MFA",
)
async def reset_all_factors(request: OnePerson, okta: OktaClient, before: PersonAndFactors) -> RemovedFactors:
    """Remove all factors of a person; they enroll anew at the next sign-in. To remove one, use reset_factor."""
    await okta.post("users", before.user.id, "lifecycle", "reset_factors")
    return RemovedFactors.of(before, before.factors)

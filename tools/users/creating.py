"""Creating people."""

import asyncio
from contextlib import suppress
from typing import Any

from pydantic import Field

from tools.contract.action import writes
from tools.contract.arguments import ActionInput
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.sight import may_be_seen
from tools.contract.targets import Pending
from tools.objects.attribute_names import field_of
from tools.objects.groups import Group, GroupRef
from tools.objects.profile import (
    MOST_SHOWN,
    Attributes,
    FirstName,
    LastName,
    Login,
    PrimaryEmail,
    UserOutcome,
    mailed_to,
)
from tools.objects.rule_conditions import STATUS
from tools.objects.side_effects import Claims, Joins, Mails, Profiles
from tools.objects.statuses import ACTIVATED
from tools.objects.users import USER, User, find_login
from tools.objects.values import as_recorded, as_sent, is_address, value_of, weightiest_first
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, HalfDone, InvalidInput
from tools.text.lines import readable, short_name
from tools.text.quoting import more, name_of, quote, quote_address


class Newcomer(ActionInput):
    """What nobody in an org is without."""

    first_name: FirstName
    last_name: LastName
    login: Login
    email: PrimaryEmail


class CreateUser(Attributes, Newcomer):
    activate: bool = Field(True, description="If false, the person stays STAGED.")
    send_email: bool = Field(True, description="Whether Okta mails the activation link.")
    group_ids: list[GroupRef] = Field([], max_length=20, description="Groups to join, by id or exact name.")


class Vacancy(Observed):
    """Whoever has the wanted login already, and the groups to join.

    `taken`: somebody has it who may not be seen.
    """

    holder: User | None
    taken: bool = False
    groups: tuple[Group, ...]


async def vacancy(request: CreateUser, okta: OktaClient, pending: Pending) -> Vacancy:
    """Look whether the login is free, by reading it: a search does not know yet who got it a moment ago."""
    holder, groups = await asyncio.gather(find_login(okta, request.login), pending.all(Group))
    if holder is not None and not await may_be_seen(holder.id, holder.profile):
        return Vacancy(holder=None, taken=True, groups=groups)
    return Vacancy(holder=holder, groups=groups)


class CreatedUser(UserOutcome):
    def facts(self) -> dict[str, Any]:
        return {"id": self.id}

    def made(self) -> tuple[str, str] | None:
        return (self.id, self.login or "") if self.id else None


def unless_free(request: CreateUser, before: Vacancy) -> None:
    if before.taken:
        raise InvalidInput(
            f"The login {request.login} is taken.", code="login_taken", next_step="Choose another login."
        )
    if (holder := before.holder) is not None:
        raise InvalidInput(
            f"The login {request.login} is taken by {holder.label} (id {holder.id}, {holder.status}).",
            code="login_taken",
            next_step=f"Use update_user_profile or activate_user with user_id {holder.id}, or choose another login.",
        )


def what_creating_does(request: CreateUser, before: Vacancy) -> Preview:
    name = f"{short_name(f'{request.first_name} {request.last_name}')} <{readable(request.login)}>"
    sent = request.profile()
    other = request.email.casefold() != request.login.casefold()
    mailed = f", e-mail {as_recorded('email', readable(request.email))}" if other else ""
    groups = f", in {', '.join(group.label for group in before.groups)}" if before.groups else ""
    mail = " and mail them a link to set a password" if request.send_email else ""
    how = f"activate them{mail}" if request.activate else "leave them STAGED"
    # Their names may be too many to fit.
    count = f" ({len(before.groups)})" if len(before.groups) > MOST_GROUPS_UNCOUNTED else ""
    shown = (
        f"Name: {quote(f'{request.first_name} {request.last_name}')}.",
        *([f"E-mail: {as_sent('email', quote_address(request.email))}."] if mailed else []),
        *([f"Groups{count}: {', '.join(group.label for group in before.groups)}."] if before.groups else []),
    )
    others = [name for name in weightiest_first(sent) if name not in (*WHO, "login")]
    return Preview(
        f"Create {name}{mailed}{groups}; {how}.",
        headline=f"Create the person {quote_address(request.login)}, {_how(request)}.",
        details=(
            *shown,
            *(
                f"{name_of(field_of(name))} {as_sent(name, value_of(name, sent[name]))}."
                for name in others[:MOST_SHOWN]
            ),
        ),
        remaining=more([name_of(field_of(name)) for name in others], MOST_SHOWN),
        # With the names, for whoever else might get the login is somebody else.
        before=_who_has_the_login(before),
        after={
            "exists": True,
            "status": ACTIVATED if request.activate else ("STAGED",),
            **{name: sent[name] for name in WHO},
        },
        side_effects=(
            *map(Joins, before.groups),
            Profiles(None, {**sent, STATUS: ACTIVATED if request.activate else "STAGED"}),
            *(Claims(str(value)) for name, value in sent.items() if is_address(name)),
            *map(Mails, mailed_to(sent) if request.activate and request.send_email else ()),
        ),
    )


def _how(request: CreateUser) -> str:
    if not request.activate:
        return "who stays STAGED"
    mail = (
        f"Okta mails {as_sent('email', quote_address(request.email))} a link to set a password"
        if request.send_email
        else "no mail"
    )
    return f"and activate them: {mail}"


MOST_GROUPS_UNCOUNTED = 3
WHO = ("firstName", "lastName", "email")


def _who_has_the_login(before: Vacancy) -> Facts:
    if (holder := before.holder) is None:
        return {"exists": False}
    names = {name: holder.profile.get(name) for name in WHO}
    return {"exists": True, "id": holder.id, "status": holder.status, **names}


def by_deactivating(change: Change) -> Back | str:
    """; the login stays taken"""
    if not change.after.get("id"):
        return "the journal does not name the person who was created."
    loses = "They become DEPROVISIONED and keep the login; delete_user frees it."
    return Back({"user_id": change.after["id"]}, loses=loses)


@writes(
    scopes={"okta.users.manage"},
    idempotent=False,
    creates=USER,
    observe=vacancy,
    preview=what_creating_does,
    refuse=unless_free,
    undo=UndoneBy("deactivate_user", by_deactivating),
    escalates="if a group grants administration or access to applications, or a link goes to an unknown mail domain",
    words="add a user, onboard",
)
async def create_user(request: CreateUser, okta: OktaClient, before: Vacancy) -> CreatedUser:
    """Create a person. By default Okta activates them and mails them a link to set a password.

    Passwords and activation links never appear here. With send_email false no mail is sent; resend_activation sends the
    link later. To change an existing person, use update_user_profile.
    """
    body = {"profile": request.profile(), **({"groupIds": request.group_ids} if request.group_ids else {})}
    # Okta mails at creation whenever it activates; the quiet way is to stage first and activate without mail.
    quiet = request.activate and not request.send_email
    created = User.model_validate(await okta.post("users", json=body, activate=request.activate and not quiet))
    if not quiet:
        return CreatedUser.of(created, changed=True, message=_created(request, created, before))
    try:
        await okta.post("users", created.id, "lifecycle", "activate", sendEmail=False)
    except ActionError as error:
        raise HalfDone(
            f"{created.label} was created (id {created.id}) but not activated: {error.summary}",
            by=error.by,
            causes=error.causes,
            okta_request_id=error.okta_request_id,
            next_step=f"Do not create them again: call activate_user with user_id {created.id} and send_email false.",
        ) from error
    # It was done; that the person cannot be looked at now makes it no failure.
    with suppress(ActionError):
        created = User.model_validate(await okta.get("users", created.id))
    return CreatedUser.of(created, changed=True, message=_created(request, created, before))


def _created(request: CreateUser, user: User, before: Vacancy) -> str:
    """What was done, for whom, which groups they are in, and whether Okta mailed them."""
    groups = ", ".join(group.label for group in before.groups)
    joined = f"in {groups}" if groups else "in no group except Everyone and those from group rules"
    if not request.activate:
        mail = "They are not activated, so no mail was sent; activate_user sends the link."
    elif request.send_email:
        mail = f"Okta mails a link to set a password to {as_recorded('email', readable(user.email))}."
    else:
        mail = "No mail was sent; resend_activation sends the link."
    return f"Created {user.label} (id {user.id}), {user.status}, {joined}. {mail}"

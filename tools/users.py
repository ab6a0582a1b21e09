"""The toolset `users`: people and their attributes."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from pydantic import Field, PrivateAttr

from tools.contract.action import reads, writes
from tools.contract.arguments import ActionInput, Exact
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.sight import may_be_seen, sight
from tools.contract.targets import Pending, the
from tools.objects.attribute_names import ALIASES, CORE, OWN, field_of
from tools.objects.attributes import exact_names
from tools.objects.console import PERSON
from tools.objects.group_rules import STATUS, seen
from tools.objects.groups import Group, GroupRef
from tools.objects.managers import account_of_manager
from tools.objects.profile import (
    AttributeChange,
    Attributes,
    FirstName,
    LastName,
    Login,
    PrimaryEmail,
    UserDetails,
    UserOutcome,
    emptied,
    mailed_to,
)
from tools.objects.side_effects import Claims, Joins, Mails, Profiles
from tools.objects.statuses import ACTIVATED
from tools.objects.users import USER, User, UserRef, find_login
from tools.objects.values import as_recorded, as_sent, changed, is_address, takes_over, value_of, weightiest_first
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, HalfDone, InvalidInput
from tools.search.people import FoundPeople, SearchUsers, find_people
from tools.text.lines import readable, short_name
from tools.text.quoting import more, name_of, quote, quote_address
from tools.text.redaction import HIDDEN


class LookupUser(ActionInput):
    user_id: UserRef


@reads(scopes={"okta.users.read"}, observe=the(USER))
async def lookup_user(request: LookupUser, okta: OktaClient, user: User) -> UserDetails:
    """Look up one person by exact id, login or e-mail: status, attributes and dates. search_users finds by name."""
    return UserDetails.of(user, await account_of_manager(okta, user))


async def found_people(request: SearchUsers, okta: OktaClient, pending: Pending) -> FoundPeople:
    return await find_people(request, okta)


@reads(
    scopes={"okta.users.read"},
    observe=found_people,
    words="list of users, list suspended or deactivated or locked out users, who joined, never signed in",
)
async def search_users(request: SearchUsers, okta: OktaClient, found: FoundPeople) -> FoundPeople:
    """Search people. All filters must match; text is case-insensitive. Without filters, returns everyone.

    Use lookup_user when you know the id, login or e-mail. Includes deactivated people, except with group_id; filter by
    status to narrow it. Dates look like 2026-01-31 (midnight UTC) or 2026-01-31T09:00:00Z. Returns id, status, login,
    name, department, title and the dates you filter by.
    """
    return found


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
    loses = "They become DEPROVISIONED and keep the login; delete them in the Okta Admin Console."
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

    Passwords and activation links never appear here. With send_email false no mail is sent; an administrator can send
    the link later in the Okta Admin Console. To change an existing person, use update_user_profile.
    """
    body = {"profile": request.profile(), **({"groupIds": request.group_ids} if request.group_ids else {})}
    # Okta mails at creation whenever it activates; the quiet way is to stage first and activate without mail.
    quiet = request.activate and not request.send_email
    created = User.model_validate(await okta.post("users", json=body, activate=request.activate and not quiet))
    if not quiet:
        return CreatedUser.of(created, changed=True, message=_created(request, created, before))
    try:
        # The answer holds an activation token: it is dropped here, unread.
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
        mail = f"No mail was sent; an administrator can send the link {PERSON}, Resend Activation Email."
    return f"Created {user.label} (id {user.id}), {user.status}, {joined}. {mail}"


class KnownPerson(ActionInput):
    user_id: UserRef
    first_name: FirstName | None = None
    last_name: LastName | None = None
    login: Login | None = None
    email: PrimaryEmail | None = None


class UpdateUserProfile(Attributes, KnownPerson):
    clear: Annotated[list[Annotated[str, Field(max_length=100)]], Exact(exact_names)] = Field(
        [], description="Attributes to clear."
    )

    def changes(self) -> dict[str, Any]:
        """The wanted values, under the names of Okta's user schema; None empties an attribute.

        Raises:
            InvalidInput: nothing is wanted, or an attribute is both set and emptied.
        """
        sent, cleared = self.profile(), emptied(self.clear)
        if both := sorted(sent.keys() & cleared.keys()):
            raise InvalidInput(f"{', '.join(both)}: both set and in clear. Send one of the two.")
        if not sent and not cleared:
            raise InvalidInput("No attribute to change was sent. Send at least one, or list one in clear.")
        return {**sent, **cleared}


class UpdatedUser(UserOutcome):
    changes: list[AttributeChange] | None = None
    _after: dict[str, Any] = PrivateAttr(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        return self._after


MOST_GROUPS_UNCOUNTED = 3
LONGEST_CONTROLS = 300
"""Characters of what takes an account over, with its values."""
MOST_SHOWN = 8
"""Attributes that a question shows with their values."""


def has_all_of_it(request: UpdateUserProfile, user: User) -> UpdatedUser:
    return UpdatedUser.of(
        user, changed=False, changes=[], message=f"Nothing to do: {user.label} already has these values."
    )


def unless_deactivated(request: UpdateUserProfile, user: User) -> None:
    if user.status == "DEPROVISIONED":
        raise InvalidInput(
            f"{user.label} is deactivated: Okta changes no attributes of a deactivated person.",
            code="user_deactivated",
            next_step="Activate the person first with activate_user.",
        )


def _wanted(request: UpdateUserProfile, user: User) -> dict[str, Any]:
    """What is to change: what already has its value is not sent, so that nobody else's change in between is undone.

    What is hidden is always sent, for nobody may learn that it has the value.
    """
    hides = sight().hides
    return {name: value for name, value in request.changes().items() if user.profile.get(name) != value or hides(name)}


def gives_no_way_in(request: UpdateUserProfile) -> bool:
    """Whether nobody can recover the account by what is set."""
    return not any(takes_over(name) and value not in (None, "") for name, value in request.changes().items())


def what_updating_does(request: UpdateUserProfile, user: User) -> Preview:
    after = request.changes()
    before = {name: user.profile.get(name) for name in after}
    hides = sight().hides
    different = weightiest_first(name for name in after if before[name] != after[name] or hides(name))
    old = {name: as_recorded(name, value_of(name, before[name])) for name in different}
    new = {name: value_of(name, after[name]) for name in different}
    changes = [f"{name_of(field_of(name))} {old[name]} → {as_sent(name, new[name])}" for name in different]
    recorded = [f"{name_of(field_of(name))} {old[name]} → {as_recorded(name, new[name])}" for name in different]
    # Who loses a phone or address to recover the account by gives it to nobody.
    risky = [name for name in different if takes_over(name) and after[name] not in (None, "")]
    controls = " or ".join(f"the {field_of(name)} {as_sent(name, new[name])}" for name in risky)
    if len(controls) > LONGEST_CONTROLS:
        # The values are among the details; what comes of them must not be cut off behind them.
        controls = " or ".join(f"the new {field_of(name)}" for name in risky)
    count = f"{len(different)} attributes" if len(different) > 1 else "an attribute"
    rest = more([name_of(field_of(name)) for name in different], MOST_SHOWN)
    return Preview(
        f"Change {user.label}, {user.status}: {'; '.join((*recorded[:MOST_SHOWN], *([rest] if rest else [])))}.",
        before=before,
        after=after,
        headline=f"Change {count} of {user.address}.",
        details=(
            *(f"{change}." for change in changes[:MOST_SHOWN]),
            f"Person: {user.described}.",
        ),
        remaining=rest,
        side_effects=(
            Profiles(seen(user), {**seen(user), **after}, user.id),
            *(Claims(str(after[name])) for name in different if is_address(name) and after[name]),
        ),
        escalates=f"Whoever controls {controls} can take over the account." if risky else _emptied(different),
        conceals=any(map(hides, after)),
    )


def _emptied(different: list[str]) -> str:
    """What it means that something is emptied by which people get back into their account."""
    lost = [field_of(name) for name in different if takes_over(name)]
    return f"They can no longer recover the account with {' or '.join(lost)}." if lost else ""


MOST_TOLD = 10
"""Attributes that the sentence about a change names."""


def by_restoring(change: Change) -> Back | str:
    """with the values of before"""
    # Under names that stay exact, whatever attributes the org has by then.
    # Where nothing made a difference all is written as it was: nobody may learn that of what is hidden.
    different = {name: value for name, value in change.before.items() if value != change.after.get(name)}
    before = {
        f"{OWN}{name}" if name in ALIASES else name: value for name, value in (different or change.before).items()
    }
    if HIDDEN in str((before, change.after)):
        return "a value looked like a secret and was not recorded."
    clear = [name for name, value in before.items() if value in (None, "")]
    if any(field_of(name) in CORE for name in clear):
        return "an attribute that was empty before cannot be cleared again."
    values = {name: value for name, value in before.items() if name not in clear}
    arguments = {"user_id": change.arguments["user_id"], "attributes": values, "clear": clear}
    return Back({name: value for name, value in arguments.items() if value})


@writes(
    scopes={"okta.users.manage"},
    observe=the(USER),
    preview=what_updating_does,
    refuse=unless_deactivated,
    unchanged=has_all_of_it,
    lowers=gives_no_way_in,
    undo=UndoneBy("update_user_profile", by_restoring),
    escalates="for login, e-mail, second e-mail and phone numbers, or if a group rule may lead to administration or "
    "applications",
    words="change an attribute, rename a user",
)
async def update_user_profile(request: UpdateUserProfile, okta: OktaClient, user: User) -> UpdatedUser:
    """Change attributes of a person. To clear one, list it in `clear`. Omitted or null attributes stay unchanged."""
    wanted = _wanted(request, user)
    after = User.model_validate(await okta.post("users", user.id, json={"profile": wanted}))
    changes = [
        AttributeChange(attribute=field_of(name))
        if sight().hides(name)
        else AttributeChange(attribute=field_of(name), old=user.profile.get(name), new=after.profile.get(name))
        for name in wanted
        if user.profile.get(name) != after.profile.get(name) or sight().hides(name)
    ]
    told = "; ".join(map(changed, changes[:MOST_TOLD]))
    more = f"; and {len(changes) - MOST_TOLD} more" if len(changes) > MOST_TOLD else ""
    updated = UpdatedUser.of(
        after, changed=bool(changes), changes=changes, message=f"Changed {after.label}: {told or 'nothing'}{more}."
    )
    updated._after = {name: after.profile.get(name) for name in wanted}
    return updated

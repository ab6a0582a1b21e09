"""Changing the attributes of people."""

from typing import Annotated, Any

from pydantic import Field, PrivateAttr

from tools.contract.action import writes
from tools.contract.arguments import ActionInput, Exact
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.sight import sight
from tools.contract.targets import the
from tools.objects.attribute_names import ALIASES, CORE, OWN, field_of
from tools.objects.attributes import exact_names
from tools.objects.group_rules import seen
from tools.objects.profile import (
    MOST_SHOWN,
    AttributeChange,
    Attributes,
    FirstName,
    LastName,
    Login,
    PrimaryEmail,
    UserOutcome,
    emptied,
)
from tools.objects.side_effects import Claims, Profiles
from tools.objects.users import USER, User, UserRef
from tools.objects.values import as_recorded, as_sent, changed, is_address, takes_over, value_of, weightiest_first
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.text.quoting import more, name_of
from tools.text.redaction import HIDDEN


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


LONGEST_CONTROLS = 300
"""Characters of what takes an account over, with its values."""


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

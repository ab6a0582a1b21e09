"""Finds the account of a person's manager from the person's profile."""

from contextlib import suppress

from tools.contract.outcomes import Output
from tools.contract.sight import may_be_seen, sight
from tools.objects.ids import USER_ID
from tools.objects.users import User, find_user
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError
from tools.okta.expressions import All, Compare, Expression, written

MOST_PARTS = 5
"""Maximum number of words in a name that are tried as first and last name."""


class ManagerAccount(Output):
    """The account of somebody's manager, and by which attribute it was found."""

    id: str
    login: str
    found_by: str


async def account_of_manager(okta: OktaClient, user: User) -> ManagerAccount | None:
    """The account that the profile's `managerId` names, by id or login, or else its free text `manager`.

    None if that is nobody or several people: both attributes hold free text. A failed lookup of the manager does not
    fail the lookup of the person.
    """
    with suppress(ActionError):
        # The account would reveal the value of a hidden attribute.
        if id := _text(user, "managerId"):
            return await _account(await find_user(okta, id), "managerId")
    with suppress(ActionError):
        if name := _text(user, "manager"):
            found = await _named(okta, name)
            return await _account(found, "manager") if found is not None else None
    return None


def _text(user: User, attribute: str) -> str:
    value = None if sight().hides(attribute) else user.profile.get(attribute)
    return value.strip()[:255] if isinstance(value, str) else ""


async def _account(user: User, found_by: str) -> ManagerAccount | None:
    if not await may_be_seen(user.id, user.profile):
        return None
    return ManagerAccount(id=user.id, login=user.login, found_by=found_by)


async def _named(okta: OktaClient, text: str) -> User | None:
    if "@" in text or USER_ID.fullmatch(text):
        return await find_user(okta, text)
    words = text.split()
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, min(len(words), MOST_PARTS))]
    names: list[Expression] = [
        All((Compare("profile.firstName", "eq", first), Compare("profile.lastName", "eq", last)))
        for first, last in splits
    ]
    if not sight().hides("displayName"):
        names = [Compare("profile.displayName", "eq", text), *names]
    if not names:
        return None
    condition = " or ".join(f"({written(one)})" for one in names)
    found = [User.model_validate(one) for one in await okta.get("users", search=condition, limit=2)]
    return found[0] if len(found) == 1 else None

"""The toolset `greetings`: what people are called by those who greet them. A newcomer wrote it."""

from typing import Any

from pydantic import Field

from tools.contract.action import reads, writes
from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.outcomes import Outcome, Output
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import the
from tools.objects.users import USER, User, UserRef
from tools.okta.client import OktaClient


class Greeting(Output):
    user_id: str
    name: str | None = None


class Greeted(Outcome):
    user_id: str | None = None
    login: str | None = None
    name: str | None = None


class LookupGreeting(ActionInput):
    user_id: UserRef


class GreetUser(ActionInput):
    name: str = Field(min_length=1, max_length=50, description="What they are called.")
    user_id: UserRef


class ForgetGreeting(ActionInput):
    user_id: UserRef


@reads(scopes={"okta.users.read"}, observe=the(USER))
async def lookup_greeting(request: LookupGreeting, okta: OktaClient, user: User) -> Greeting:
    """Look up what a person is called."""
    return Greeting(user_id=user.id, name=user.profile.get("nickName"))


def _preview(user: User, name: str | None) -> Preview:
    return Preview(
        f"Call {user.label} by the name {name or 'that they have'}.",
        headline=f"Greet {user.address}.",
        before={"name": user.profile.get("nickName")},
        after={"name": name},
    )


def what_greeting_does(request: GreetUser, user: User) -> Preview:
    return _preview(user, request.name)


def what_forgetting_does(request: ForgetGreeting, user: User) -> Preview:
    return _preview(user, None)


def as_before(request: ActionInput, user: User) -> Greeted:
    return Greeted.unchanged(**_whose(user), message=f"Nothing to do: {user.label} is called so.")


def _whose(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "login": user.login}


async def _call(okta: OktaClient, user: User, name: str | None) -> Greeted:
    await okta.post("users", user.id, json={"profile": {"nickName": name}})
    return Greeted.done(**_whose(user), name=name, message=f"{user.label} is greeted otherwise.")


def by_greeting(change: Change) -> Back | str:
    """with the former name"""
    if change.before["name"] is None:
        return "they had no such name before."
    return Back({"user_id": change.arguments["user_id"], "name": change.before["name"]})


@writes(
    scopes={"okta.users.manage"},
    observe=the(USER),
    preview=what_greeting_does,
    unchanged=as_before,
    undo=UndoneBy("greet_user", by_greeting),
)
async def greet_user(request: GreetUser, okta: OktaClient, user: User) -> Greeted:
    """Call a person by a name."""
    return await _call(okta, user, request.name)


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=the(USER),
    preview=what_forgetting_does,
    unchanged=as_before,
    undo="nobody knows what they were called",
)
async def forget_greeting(request: ForgetGreeting, okta: OktaClient, user: User) -> Greeted:
    """Forget what a person is called."""
    return await _call(okta, user, None)

"""The story itself, run with the org's URL and a mode; what proves who we are comes on stdin, part by part."""

import asyncio
import sys
from typing import Any

from okta.client import Client
from okta.models import (
    AddGroupRequest,
    CreateUserRequest,
    OktaUserGroupProfile,
    UpdateUserRequest,
    UserFactorSecurityQuestion,
    UserFactorSecurityQuestionProfile,
    UserProfile,
)

LOGIN = "sdk.person@example.com"


def config(url: str, mode: str, told: str) -> dict[str, Any]:
    if mode == "token":
        return {"orgUrl": url, "token": told}
    if mode == "bearer":
        return {"orgUrl": url, "authorizationMode": "Bearer", "token": told}
    id, kid, pem = told.split("\n", 2)
    return {
        "orgUrl": url,
        "authorizationMode": "PrivateKey",
        "clientId": id,
        "kid": kid,
        "scopes": ["okta.users.manage", "okta.groups.manage"],
        "privateKey": pem,
        "dpopEnabled": mode == "dpop",
    }


def good(answer: Any) -> Any:
    """What the SDK returns is (result, response, error)."""
    result, error = answer[0], answer[-1]
    assert error is None, error
    return result


async def story(okta: Any) -> None:
    profile = UserProfile(first_name="Sdk", last_name="Person", email=LOGIN, login=LOGIN)
    user = good(await okta.create_user(CreateUserRequest(profile=profile), activate=False))
    assert user.status == "STAGED", user.status

    group_profile = OktaUserGroupProfile(name="Made by the SDK", description="A story")
    group = good(await okta.add_group(AddGroupRequest(profile=group_profile)))
    good(await okta.assign_user_to_group(group.id, user.id))
    assert [member.id for member in good(await okta.list_group_users(group.id))] == [user.id]

    good(await okta.activate_user(user.id, send_email=False))
    assert good(await okta.get_user(LOGIN)).status == "PROVISIONED"
    change = UpdateUserRequest(profile=UserProfile(department="Stories"))
    assert good(await okta.update_user(user.id, change)).profile.department == "Stories"
    found = good(await okta.list_users(search='profile.department eq "Stories"'))
    assert [one.id for one in found] == [user.id]

    everybody, page = [], await okta.list_users(limit=20, search="id pr")
    everybody += good(page)
    assert len(everybody) == 20

    _, _, refused = await okta.create_user(CreateUserRequest(profile=profile))
    assert "already exists" in str(refused), refused
    _, _, missing = await okta.get_user("nobody@example.com")
    assert "E0000007" in str(missing), missing

    await factors(okta, user.id)
    good(await okta.unassign_user_from_group(group.id, user.id))
    good(await okta.deactivate_user(user.id))
    assert good(await okta.get_user(user.id)).status == "DEPROVISIONED"
    good(await okta.delete_user(user.id))
    good(await okta.delete_group(group.id))
    _, _, gone = await okta.get_user(user.id)
    assert "E0000007" in str(gone), gone


async def factors(okta: Any, user: str) -> None:
    """Enrolled, read, removed; and a push that its person approves once it was polled."""
    assert good(await okta.list_factors(user)) == []
    assert {one.status for one in good(await okta.list_supported_factors(user))} == {"NOT_SETUP"}
    asked = good(await okta.list_supported_security_questions(user))[0]
    profile = UserFactorSecurityQuestionProfile(question=asked.question, answer="lasagna")
    sent = UserFactorSecurityQuestion(factorType="question", provider="OKTA", profile=profile)
    made = good(await okta.enroll_factor(user, sent))
    assert (made.status, made.profile.question_text) == ("ACTIVE", asked.question_text)
    assert [one.id for one in good(await okta.list_factors(user))] == [made.id]
    good(await okta.unenroll_factor(user, made.id))
    _, _, gone = await okta.get_factor(user, made.id)
    assert "E0000007" in str(gone), gone
    good(await okta.reset_factors(user))
    good(await okta.revoke_user_sessions(user))
    assert good(await okta.list_user_grants(user)) == []

    jane = good(await okta.get_user("jane.doe@example.com")).id
    push = next(one for one in good(await okta.list_factors(jane)) if one.factor_type == "push")
    begun = good(await okta.verify_factor(jane, push.id))
    assert begun.factor_result == "WAITING"
    transaction = begun.links.poll.href.rpartition("/")[2]
    polls = [await okta.get_factor_transaction_status(jane, push.id, transaction) for _ in range(2)]
    assert [good(poll).factor_result for poll in polls] == ["WAITING", "SUCCESS"]


async def main() -> None:
    url, mode = sys.argv[1:]
    await story(Client(config(url, mode, sys.stdin.read())))
    print("the end")


if __name__ == "__main__":
    asyncio.run(main())

"""What people are called by those who greet them."""

from connected_org import Org
from worlds import USER, Arguments, Make, World


def nickname(org: Org, made: Arguments) -> str | None:
    found: str | None = org.user(made["user_id"])["profile"].get("nickName")
    return found


def meddle(org: Org, made: Arguments, text: str) -> None:
    org.update(made["user_id"], nickName=text)


WORLDS: dict[str, World] = {
    "greet_user": World(
        make=lambda org, text: {"name": f"Nick {text}", "user_id": org.person(text, nickName="Old")},
        is_done=lambda org, made: nickname(org, made) == made["name"],
        event="user.account.update_profile",
        requests=rf"POST /api/v1/users/{USER}",
        meddle=meddle,
    ),
    "forget_greeting": World(
        make=lambda org, text: {"user_id": org.person(text, nickName=f"Nick {text}")},
        is_done=lambda org, made: nickname(org, made) is None,
        event="user.account.update_profile",
        requests=rf"POST /api/v1/users/{USER}",
        meddle=meddle,
    ),
}
READS: dict[str, Make] = {"lookup_greeting": lambda org, text: {"user_id": org.person(text, nickName=text)}}

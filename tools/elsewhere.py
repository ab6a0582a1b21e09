"""What people ask for and no action here does, with where it is done, so that no model goes on looking for it."""

from dataclasses import dataclass

from tools.objects.console import CONSOLE, PERSON


@dataclass(frozen=True)
class Elsewhere:
    """`near` is the action that comes closest.

    `called` are the beginnings of words by which names of tools for it are known; several in one text are all there.
    """

    what: str
    where: str
    near: str
    called: tuple[str, ...]

    def __str__(self) -> str:
        return f"No action here {self.what}; it is done {self.where}."

    def is_meant(self, parts: list[str]) -> bool:
        return any(all(any(part.startswith(word) for part in parts) for word in words.split()) for words in self.called)


NOT_HERE = (
    Elsewhere("unlocks a person", f"{PERSON}, More Actions, Unlock Account", "unsuspend_user", ("unlock",)),
    Elsewhere(
        "resets, sets or expires a password",
        f"{PERSON}, More Actions, Reset Password",
        "update_user_profile",
        ("password", "passcode", "credential"),
    ),
    Elsewhere(
        "resets or enrols factors and authenticators",
        f"{PERSON}, More Actions, Reset Authenticators",
        "update_user_profile",
        ("factor", "mfa", "2fa", "authenticator", "enrol", "otp"),
    ),
    Elsewhere(
        "ends sessions without suspending the person",
        f"{PERSON}, More Actions, Clear User Sessions",
        "suspend_user",
        ("session", "logout", "log out", "signout", "sign out", "revoke token"),
    ),
    Elsewhere(
        "mails the activation link again",
        f"{PERSON}, Resend Activation Email",
        "activate_user",
        ("resend", "reactivat", "invit", "activation", "send link", "send mail", "send email"),
    ),
    Elsewhere(
        "deletes a person",
        f"{PERSON}, after deactivate_user",
        "deactivate_user",
        ("delete user", "delete person", "remove person", "purge"),
    ),
    Elsewhere("changes group rules", f"{CONSOLE}: Directory, Groups, Rules", "add_user_to_group", ("rule",)),
    Elsewhere(
        "creates, changes or deletes a group",
        f"{CONSOLE}: Directory, Groups",
        "lookup_group",
        ("create group", "delete group", "update group", "rename group", "new group", "make group"),
    ),
    Elsewhere(
        "assigns applications to groups, or unassigns them",
        f"{CONSOLE}: Applications, the application, Assignments",
        "assign_user_to_application",
        ("app group", "apps group"),
    ),
    Elsewhere(
        "lists, creates, changes, activates or deletes applications",
        f"{CONSOLE}: Applications",
        "lookup_application",
        (
            *("list app", "search app", "find app", "create app", "update app", "activate app", "deactivate app"),
            *("delete app", "rename app", "new app"),
        ),
    ),
    Elsewhere(
        "grants or revokes administrator roles",
        f"{CONSOLE}: Security, Administrators",
        "add_user_to_group",
        ("role", "admin", "privilege"),
    ),
    Elsewhere(
        "reads Okta's System Log, which records sign-ins and changes made elsewhere",
        f"{CONSOLE}: Reports, System Log",
        "list_changes",
        ("log", "logs", "syslog", "audit", "event"),
    ),
)


def near(action: str) -> tuple[str, ...]:
    """What the action may be looked for by mistake, a sentence each."""
    return tuple(str(one) for one in NOT_HERE if one.near == action)


def meant(name: str) -> Elsewhere | None:
    """What somebody wants who calls an action of this name, if it is known where that is done."""
    parts = _parts(name[:100])
    return next((one for one in NOT_HERE if one.is_meant(parts)), None)


def _parts(name: str) -> list[str]:
    """The words of a name, however they are joined: `reset_password`, `resetPassword`, `Reset password`."""
    spaced = "".join(
        f" {one}" if one.isupper() and before.islower() else one if one.isalnum() else " "
        for before, one in zip(f" {name}", name, strict=False)
    )
    return spaced.casefold().split()

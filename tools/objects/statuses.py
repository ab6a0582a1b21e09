"""The statuses of people: what each means, and how somebody with that status can sign in again."""

from tools.objects.users import User
from tools.okta.errors import InvalidInput

ACTIVATED = ("PROVISIONED", "ACTIVE", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT")
"""The statuses that activation may lead to, depending on Okta and on the person setting a password."""

MEANING = {
    "STAGED": "created and never activated",
    "PROVISIONED": "activated, but they have not set a password yet",
    "ACTIVE": "they can sign in",
    "PASSWORD_EXPIRED": "they must set a new password at the next sign-in",
    "RECOVERY": "their password was reset, and they have not set a new one yet",
    "LOCKED_OUT": "locked after too many wrong passwords; they cannot sign in",
    "SUSPENDED": "they cannot sign in until they are unsuspended",
    "DEPROVISIONED": "deactivated",
}
HELP = {
    "STAGED": "Use activate_user.",
    "PROVISIONED": "They set a password with the link that Okta mailed on activation. If it is lost, use "
    "resend_activation.",
    "ACTIVE": "If they still cannot sign in, use reset_password or, for factors, reset_factor.",
    "PASSWORD_EXPIRED": "They set a new password at the next sign-in. If they do not know the old one, use "
    "reset_password.",
    "RECOVERY": "They set a new password with the link that Okta mailed. If it is lost, use reset_password again.",
    "LOCKED_OUT": "Use unlock_user.",
    "SUSPENDED": "Use unsuspend_user.",
    "DEPROVISIONED": "Use activate_user.",
}


def meaning(status: str) -> str:
    return MEANING.get(status, "an unknown status")


def cannot(user: User, what: str, *, code: str, next_step: str | None = None) -> InvalidInput:
    """The refusal of an action that has no effect for this status. It says what does."""
    return InvalidInput(
        f"{user.label} is {user.status}: {meaning(user.status)}. {what}",
        code=code,
        next_step=next_step or HELP.get(user.status, "Look at the person in the Okta Admin Console."),
    )

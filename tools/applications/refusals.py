"""What Okta's refusals about assignments mean, and what to do about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.objects.applications import Application
from tools.objects.console import CONSOLE
from tools.okta.errors import ActionError, InvalidInput

ASSIGNMENTS = f"{CONSOLE}: Applications, the application, Assignments"
_NEXT = {
    "E0000001": "The application wants attributes that were not sent, or does not know one that was. An administrator "
    f"can fill in its form {ASSIGNMENTS}.",
    "E0000007": "The application was switched off or deleted meanwhile, or the assignment is gone. Call "
    "lookup_application.",
    "E0000024": f"This application does not allow it here. An administrator can try {ASSIGNMENTS}.",
    "E0000038": "Call lookup_user: the person's status does not allow it.",
    "E0000046": "A group gives it too, and explain_user_access names it. It goes only when they leave that group, or "
    "when the group is unassigned.",
    "E0000075": "A directory or another application fills in that attribute: change it there.",
    "E0000117": "The person was deactivated meanwhile. Activate them first with activate_user.",
    "E0000143": "Okta manages this application itself: nothing is assigned to it or taken from it by hand.",
}
"""By Okta's code. What a call can tell beforehand is refused beforehand: these are for what changes meanwhile."""


@contextmanager
def explained() -> Iterator[None]:
    """Give Okta's refusals of a change to an assignment their next step."""
    try:
        yield
    except ActionError as error:
        if error.by == "okta" and error.next_step is None:
            error.next_step = _NEXT.get(error.code)
        raise


def require_active(application: Application) -> None:
    """
    Raises:
        InvalidInput: the application is switched off; Okta then finds it nowhere but in its lists.
    """
    if application.status != "ACTIVE":
        raise InvalidInput(
            f"{application.label} is {application.status}: Okta changes no assignments of it.",
            code="application_inactive",
            next_step="An administrator can activate it in the Okta Admin Console: Applications, the application.",
        )

"""The form of Okta's ids, and reading an object by its id."""

import re
from typing import TypeVar

from tools.contract.kinds import OktaObject
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound

USER_ID = re.compile(r"00u[A-Za-z0-9]{17}")
GROUP_ID = re.compile(r"00g[A-Za-z0-9]{17}")
GROUP_RULE_ID = re.compile(r"0pr[A-Za-z0-9]{17}")
APPLICATION_ID = re.compile(r"0oa[A-Za-z0-9]{17}")

Object = TypeVar("Object", bound=OktaObject)


async def read_by_id(okta: OktaClient, collection: str, id: str, made: type[Object], one: str) -> Object:
    """The object with this id in a collection of the API, such as `groups`. `one` describes it, such as `a group`.

    Raises:
        NotFound: there is none.
    """
    try:
        return made.model_validate(await okta.get(collection, id))
    except NotFound:
        raise NotFound(
            f"No {one.partition(' ')[2]} has the id {id}.", next_step=f"Send {one}'s id or exact name."
        ) from None

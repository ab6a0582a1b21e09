"""The mails that Okta sends to people, with a link that lets in whoever reads them: to which addresses they go."""

from tools.contract.sight import sight
from tools.objects.profile import ADDRESSED, mailed_to
from tools.objects.side_effects import Mails
from tools.objects.users import User
from tools.text.quoting import quote_address


def recipients(user: User) -> str:
    """The addresses in words; “them” where a rule hides one of the attributes."""
    addresses = mailed_to(user.profile)
    if not addresses or any(sight().hides(name) for name in ADDRESSED if user.profile.get(name)):
        return "them"
    return " and ".join(map(quote_address, addresses))


def mails(user: User) -> tuple[Mails, ...]:
    """The mails as side effects, whose domains the guard looks at."""
    return tuple(map(Mails, mailed_to(user.profile)))

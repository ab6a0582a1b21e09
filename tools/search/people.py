"""Searching people: which of Okta's endpoints answers a search, and what we filter ourselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from tools.contract.arguments import ActionInput
from tools.contract.sight import sight
from tools.objects.attribute_names import OWN, schema_name
from tools.objects.attributes import require_kinds
from tools.objects.groups import GroupRef
from tools.objects.profile import Values
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, OktaError, RateLimited
from tools.okta.expressions import (
    All,
    Compare,
    Either,
    Expression,
    comparisons,
    parse,
    require_values,
    require_whole,
    written,
)
from tools.search.cursors import Place
from tools.search.filters import Line, Moment, Words, beginning, begins, occurring, within
from tools.search.matching import fits, moment
from tools.search.rows import DEFAULT, PeopleInput, PeoplePage, PersonRow
from tools.search.scanning import MOST_REQUESTS, Fits, Page, noted, read, scan

NAMES = ("profile.firstName", "profile.lastName", "profile.login", "profile.email")
"""The only attributes in which Okta finds a word inside the value."""

EVERYBODY = "id pr"
"""The search for everybody. A plain list would leave out deactivated people."""

Status = Literal[
    "STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "SUSPENDED", "DEPROVISIONED"
]


def names() -> tuple[str, ...]:
    """The attributes among NAMES that a search may look into."""
    return tuple(name for name in NAMES if not sight().hides(name))


class PeopleFilters(ActionInput):
    words: Words | None = Field(
        None, description="Words, or beginnings of words, of first name, last name, login or e-mail."
    )
    status: list[Status] = Field(
        [], description="Any of these. Only ACTIVE and PASSWORD_EXPIRED can sign in; DEPROVISIONED means deactivated."
    )
    department: Line | None = Field(None, description="Exact department.")
    title: Line | None = Field(None, description="Exact job title.")
    manager: Line | None = Field(None, description="Exact manager or managerId in the profile.")
    group_id: GroupRef | None = Field(None, description="Members of this group: id or exact name.")
    created_after: Moment | None = Field(None, description="Created after.")
    created_before: Moment | None = Field(None, description="Created before.")
    status_changed_after: Moment | None = Field(None, description="Status changed after.")
    status_changed_before: Moment | None = Field(None, description="Status changed before.")
    updated_after: Moment | None = Field(None, description="Updated after.")
    updated_before: Moment | None = Field(None, description="Updated before.")
    last_sign_in_after: Moment | None = Field(None, description="Last sign in after.")
    last_sign_in_before: Moment | None = Field(None, description="Before this time, or never.")
    never_signed_in: bool = Field(False, description="Only people who never signed in.")
    attributes: Values = Field(
        {},
        description="Other attributes, by schema name. A list matches if all its values are present.",
    )
    search: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None,
        description='Additional Okta search expression, such as profile.city eq "Berlin".',
    )

    def expressions(self, *, narrowed: bool = False) -> list[Expression]:
        """All filters that Okta can search by, except `search` itself. `narrowed`: words at the beginning of words."""
        whole = {"department": self.department, "title": self.title}
        return [
            *(beginning if narrowed else occurring)(self.words, *names()),
            *([Either(tuple(Compare("status", "eq", status) for status in self.status))] if self.status else []),
            *(Compare(f"profile.{name}", "eq", value) for name, value in whole.items() if value is not None),
            *([Either((_is("manager", self.manager), _is("managerId", self.manager)))] if self.manager else []),
            *within("created", self.created_after, self.created_before),
            *within("statusChanged", self.status_changed_after, self.status_changed_before),
            *within("lastUpdated", self.updated_after, self.updated_before),
            *self.own(),
        ]

    def own(self) -> list[Expression]:
        """The filters on attributes that only the org knows.

        Raises:
            InvalidInput: a name cannot be that of an attribute, or has no condition.
        """
        wanted: list[Expression] = []
        for name, value in self.attributes.items():
            values = value if isinstance(value, list) else [value]
            if not values or "" in values:
                raise InvalidInput(f"attributes: {name} is empty. Send a value.")
            wanted += [_is(schema_name(name), one) for one in values]
        return wanted

    @property
    def asks_for_sign_ins(self) -> bool:
        return self.never_signed_in or self.last_sign_in_after is not None or self.last_sign_in_before is not None

    def fits_sign_in(self, user: dict[str, Any]) -> bool:
        """Whether a person's last sign-in matches. People who never signed in have not signed in since any moment."""
        last = moment(user.get("lastLogin"))
        if self.never_signed_in and last is not None:
            return False
        if self.last_sign_in_after is not None and (last is None or last < self.last_sign_in_after):
            return False
        return self.last_sign_in_before is None or last is None or last < self.last_sign_in_before

    def fits_itself(self, user: dict[str, Any]) -> bool:
        """Whether a person matches the filters that Okta's search does not know."""
        return self.fits_sign_in(user) and self.fits_words(user)

    def fits_words(self, user: dict[str, Any]) -> bool:
        profile = user.get("profile") or {}
        return begins(self.words, (profile.get(name.removeprefix(OWN)) for name in names()))


def _is(name: str, value: Any) -> Expression:
    return Compare(f"profile.{name}", "eq", value)


class SearchUsers(PeopleInput, PeopleFilters):
    def shown(self) -> tuple[str, ...]:
        """The fields to return: the chosen ones, or the defaults and every date that is filtered by."""
        if self.fields:
            return tuple(self.fields)
        dates = {"created": "created", "status_changed": "status_changed", "updated": "last_updated"}
        dates["last_sign_in"] = "last_login"
        asked = self.model_dump(exclude_none=True)
        never = ("last_login",) if self.never_signed_in else ()
        return (
            *DEFAULT,
            *never,
            *(shown for name, shown in dates.items() if {f"{name}_after", f"{name}_before"} & set(asked)),
        )


class FoundPeople(PeoplePage):
    scanned: int | None = Field(None, description="Number of people scanned for this page, where Okta cannot filter.")


async def find_people(request: SearchUsers, okta: OktaClient) -> FoundPeople:
    """A page of the people whom a search finds.

    Raises:
        InvalidInput: the cursor or the expression is invalid. OktaError: Okta does not know an attribute in the
            expression.
    """
    begin = request.begin(okta)
    with explaining():
        page, picked = await _page(request, okta, begin)
    restricted = sight().people is not None
    short = (picked or restricted) and page.end is not None and len(page.entries) < request.limit
    note = "Not everyone was scanned yet; continue with next_cursor." if short else None
    if note is None:
        note = noted(request, page, "Nobody", "" if request.group_id else "lookup_user")
    fields = request.shown()
    return FoundPeople(
        users=[PersonRow.of(entry, fields) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        # A caller that may see only some people must not learn how many others there are.
        scanned=page.scanned if picked and not restricted and (request.group_id or request.asks_for_sign_ins) else None,
        note=note,
    )


@contextmanager
def explaining() -> Iterator[None]:
    """Say how to name and compare attributes, if Okta does not understand a search expression."""
    try:
        yield
    except OktaError as error:
        if error.code in ("E0000030", "E0000031"):
            error.next_step = (
                "Name attributes exactly as the org's schema does and compare them with "
                'eq, sw, gt, ge, lt, le or pr, as in profile.city eq "Berlin"; dates are 2026-01-31T00:00:00.000Z.'
            )
        raise


async def _require_sense(search: str, okta: OktaClient) -> None:
    """Refuse an expression that would silently find nobody.

    Raises:
        InvalidInput: it compares with an empty value, or with a value of another type than the org's attribute.
    """
    require_whole(search)
    require_values(search)
    try:
        compared = list(comparisons(parse(search)))
    except InvalidInput:
        return  # It uses more than we parse: Okta will judge it.
    own = ((one.attribute, one.value) for one in compared if one.attribute.startswith(OWN) and one.operator != "pr")
    await require_kinds(okta, own)


async def _page(request: SearchUsers, okta: OktaClient, begin: Place) -> tuple[Page, bool]:
    """The page, and whether we had to filter people whom Okta could not narrow down further."""
    listing = await listed(request, okta, first=begin == Place())
    if listing.fits is None:
        how: dict[str, Any] = {"begin": begin, "limit": request.limit}
        return await read(okta, *listing.segments, **how, **listing.query), False
    if request.group_id is None:
        return await _scanned(request, okta, begin), True
    return await scan(okta, *listing.segments, begin=begin, limit=request.limit, fits=listing.fits), True


@dataclass(frozen=True)
class PeopleList:
    """A list of Okta's in which everybody is whom filters ask for, with what we filter ourselves, if anything."""

    segments: tuple[str, ...]
    query: dict[str, Any]
    fits: Fits | None


async def listed(request: PeopleFilters, okta: OktaClient, *, first: bool = True) -> PeopleList:
    """Where Okta lists the people whom filters ask for. `first`: nothing of it was read yet.

    Raises:
        InvalidInput: Okta does not know an attribute, or the search expression is not self-contained.
    """
    if first and request.search is not None:
        await _require_sense(request.search, okta)
    wanted = request.expressions()
    if request.group_id is None:
        ours = request.asks_for_sign_ins or request.words is not None
        query = {"search": _query(wanted, request.search)}
        return PeopleList(("users",), query, request.fits_itself if ours else None)
    if first and (request.search is not None or request.attributes):
        # Okta knows the org's attributes: it refuses an unknown one here, which would otherwise match nobody.
        await okta.get("users", search=_query(request.own(), request.search), limit=1)
    if request.search is not None:
        wanted.append(parse(request.search))
    everything = All(tuple(wanted))

    def matches(user: dict[str, Any]) -> bool:
        return request.fits_itself(user) and fits(everything, user)

    ours = bool(wanted) or request.asks_for_sign_ins
    return PeopleList(("groups", request.group_id, "users"), {}, matches if ours else None)


async def _scanned(request: SearchUsers, okta: OktaClient, begin: Place) -> Page:
    """A page of people whom Okta finds and who also match what it cannot be asked for.

    Okta finds a word inside words too, which may be nearly everybody. If its first page says that there are many and
    does not answer the search, Okta is asked for the word behind the usual separators instead of for page after page.
    Behind any other character, words are only found among few.
    """

    async def look(begin: Place, requests: int = MOST_REQUESTS) -> Page:
        query = _query(request.expressions(narrowed=begin.narrowed), request.search)
        return await scan(
            okta, "users", begin=begin, limit=request.limit, fits=request.fits_itself, requests=requests, search=query
        )

    if begin != Place() or request.expressions(narrowed=True) == request.expressions():
        return await look(begin)
    first = await look(begin, requests=1)
    if first.end is None or len(first.entries) == request.limit:
        return first
    try:
        rest = await look(Place(narrowed=True))
    except RateLimited:
        return first
    return Page(rest.entries, rest.end, first.scanned + rest.scanned)


def _query(wanted: list[Expression], raw: str | None) -> str:
    """A search expression of Okta's.

    Raises:
        InvalidInput: the raw expression is not self-contained.
    """
    parts = [written(one) for one in wanted]
    if raw is not None:
        require_whole(raw)
        parts.append(f"({raw})")
    return " and ".join(parts) or EVERYBODY

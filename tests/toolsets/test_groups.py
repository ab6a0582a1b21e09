"""Groups themselves."""

from typing import Any

from hypothesis import strategies as st

from connected_org import Org
from ledger import do
from server.program import Program
from tools.search.groups import SearchGroups
from worlds import GROUP, Make, moments

READS: dict[str, Make] = {
    "lookup_group": lambda org, text: {"group_id": org.team(text)},
    "search_groups": lambda org, text: {"words": org.team(text), "with_counts": True},
}
READ_REQUESTS = (rf"/api/v1/groups(/{GROUP})?(\?.*)?",)
GROUPS = st.sampled_from(["Legal", "Sales", "Everyone", "Domain Users", "Night Desk", "People Operations"])
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "group_id": GROUPS,
    "group_ids": st.lists(GROUPS, max_size=3),
    **moments(SearchGroups),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "lookup_group": (
        "How many members does the group Finance have?",
        "group details",
        "Details der Gruppe Finance anzeigen",
        "afficher les informations d'un groupe",
        "get_group",
        "información del grupo Ventas",
        "グループの詳細",
    ),
    "search_groups": (
        "Find all groups whose name starts with Sales",
        "list groups",
        "Gruppen suchen",
        "chercher un groupe par nom",
        "findGroups",
        "buscar grupos",
        "グループを検索",
    ),
}


async def test_words_of_groups_are_words_or_their_beginnings(program: Program, org: Org) -> None:
    for name in ("Presales", "Sales-EMEA", "After (Sales)"):
        org.create_group(name)
    names = {one["name"] for one in (await do(program, "search_groups", words="sales"))["groups"]}
    assert names == {"Sales", "Sales-EMEA", "After (Sales)"}

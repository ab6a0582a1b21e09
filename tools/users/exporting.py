"""Exporting people: to a place where they are read part by part, or to a file."""

from tools.contract.action import reads
from tools.contract.exported import ExportMade
from tools.contract.targets import Pending
from tools.objects.groups import GroupRef
from tools.okta.client import OktaClient
from tools.search.exporting import ExportsPeople, export_people
from tools.search.people import PeopleFilters


class ExportUsers(ExportsPeople, PeopleFilters):
    pass


class ExportGroupMembers(ExportsPeople):
    group_id: GroupRef


async def exported_users(request: ExportUsers, okta: OktaClient, pending: Pending) -> ExportMade:
    return await export_people(request, request, okta)


async def exported_members(request: ExportGroupMembers, okta: OktaClient, pending: Pending) -> ExportMade:
    return await export_people(request, PeopleFilters(group_id=request.group_id), okta)


@reads(
    scopes={"okta.users.read"},
    observe=exported_users,
    words="CSV of users, spreadsheet, download people, JSON Lines, dump all users to a file",
)
async def export_users(request: ExportUsers, okta: OktaClient, exported: ExportMade) -> ExportMade:
    """Export people as CSV or JSON Lines, with the filters of search_users. Without filters, exports everyone.

    Use it for long lists: it returns no rows but keeps them for a day, and read_export reads them in parts. One call
    exports about 10,000 people; continue with next_cursor. For numbers alone, use count_users.
    """
    return exported


@reads(
    scopes={"okta.groups.read"},
    observe=exported_members,
    words="CSV of group members, spreadsheet of a group, download the members of a group to a file",
)
async def export_group_members(request: ExportGroupMembers, okta: OktaClient, exported: ExportMade) -> ExportMade:
    """Export the members of a group as CSV or JSON Lines. To filter them, use export_users with group_id.

    It returns no rows but keeps them for a day, and read_export reads them in parts. Okta leaves out deactivated
    members.
    """
    return exported

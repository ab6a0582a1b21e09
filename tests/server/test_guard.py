"""The guard: what each rule refuses, in whose words, and that a refusal changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from mcp import Client

from browser import Browser
from connected_org import Org
from ledger import CALLER, JANE, NEW, ask, attempt, forbidden, refuse, run
from server.connections.models import OPENID_SCOPES
from server.door.actions import ACTIONS
from server.door.door import Answer, Call, Question, Refusal, Result
from server.mcp.server import OktaActionsServer
from server.policy import caller
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import ERAS, app_of, call, details, refused, said
from tools.catalogue import needed_scopes
from tools.objects.groups import named_like_administrators
from worlds import LISTED, read_names, ready, write_names

TESS, SAMIR, ANJA = "tess.nguyen@example.com", "samir.patel@example.com", "anja.kowalska@example.com"

Ruled = Callable[..., Program]


@pytest.fixture
def ruled(connected: None) -> Ruled:
    """A program over the connected store, under these rules."""
    return lambda **rules: Program(load(**rules))


# Each rule, in its own name

SUSPEND = ("suspend_user", {"user_id": JANE})
ADD = ("add_user_to_group", {"user_id": JANE, "group_id": "Legal"})
CREATE = ("create_user", {**NEW, "group_ids": ["Legal"]})
RULES: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]]]] = [
    ("read_only", {"read_only": True}, SUSPEND),
    ("deny_actions", {"deny_actions": ("suspend_user",)}, SUSPEND),
    ("deny_toolsets", {"deny_toolsets": ("lifecycle",)}, SUSPEND),
    ("allow_actions", {"allow_actions": ("lookup_user",)}, SUSPEND),
    ("allow_toolsets", {"allow_toolsets": ("users", "memberships")}, SUSPEND),
    ("allow_actions", {"allow_actions": ("lookup_user",), "allow_toolsets": ("users",)}, SUSPEND),
    ("deny_actions", {"allow_actions": ("suspend_user",), "deny_actions": ("suspend_user",)}, SUSPEND),
    ("deny_toolsets", {"allow_actions": ("suspend_user",), "deny_toolsets": ("lifecycle",)}, SUSPEND),
    ("deny_actions", {"allow_toolsets": ("lifecycle",), "deny_actions": ("suspend_user",)}, SUSPEND),
    ("protected_users", {"protected_users": (JANE,)}, SUSPEND),
    ("protected_users", {"protected_users": ("JANE.DOE@example.COM",)}, SUSPEND),
    ("protected_users", {"protected_users": ("x@y.z", "jane.*")}, ADD),
    ("protected_users", {"protected_users": ("*",)}, SUSPEND),
    ("protected_groups", {"protected_groups": ("Legal",)}, ADD),
    ("protected_groups", {"protected_groups": ("LEG*",)}, CREATE),
    ("managed_groups", {"managed_groups": ("Project *", "Sales")}, ADD),
    ("managed_groups", {"managed_groups": ("Sales",)}, CREATE),
    ("managed_users", {"managed_users": ("john.*",)}, SUSPEND),
    ("managed_users", {"managed_users": ("department=Legal",)}, ADD),
    ("managed_users", {"managed_users": ("group:Legal",)}, ("lookup_user", {"user_id": JANE})),
    ("managed_users", {"managed_users": (JANE,)}, CREATE),
    ("changes_per_minute", {"changes_per_minute": 0}, SUSPEND),
    ("changes_per_hour", {"changes_per_hour": 0}, SUSPEND),
    ("allow_administrators", {}, ("suspend_user", {"user_id": TESS})),
    ("allow_administrators", {}, ("update_user_profile", {"user_id": SAMIR, "title": "X"})),
    ("allow_administrators", {}, ("suspend_user", {"user_id": ANJA})),
    ("allow_administrators", {}, ("add_user_to_group", {"user_id": JANE, "group_id": "Night Desk"})),
    ("allow_administrators", {}, ("add_user_to_group", {"user_id": JANE, "group_id": "IT Administrators"})),
    ("allow_administrators", {}, ("create_user", {**NEW, "group_ids": ["Legal", "Night Desk"]})),
]


@pytest.mark.parametrize(("rule", "rules", "tried"), RULES, ids=lambda value: str(value)[:40])
async def test_a_rule_refuses_in_its_name_and_says_who_can_change_it(
    ruled: Ruled, org: Org, rule: str, rules: dict[str, Any], tried: tuple[str, dict[str, Any]]
) -> None:
    before = org.events()
    async with ruled(**rules) as program:
        error = await forbidden(program, tried[0], **tried[1])
    assert (error.rule, error.details()["rule"]) == (rule, rule)
    assert str(error).startswith(f"Not done: the rule {rule} forbids it: ")
    assert f"Ask the administrator of this server to change {rule}" in str(error)
    assert f"OKTA_ACTIONS_{rule.upper()}" in str(error)
    assert len(str(error).splitlines()) == 2
    assert org.events() == before


@pytest.mark.parametrize("kind", ["users", "groups"])
async def test_ids_are_protected_as_names_are(ruled: Ruled, org: Org, kind: str) -> None:
    id = org.user(JANE)["id"] if kind == "users" else org.group_id("Legal")
    before = org.events()
    async with ruled(**{f"protected_{kind}": (id,)}) as program:
        assert (await forbidden(program, ADD[0], **ADD[1])).rule == f"protected_{kind}"
    assert org.events() == before


async def test_a_pattern_knows_no_other_sign_than_the_star(ruled: Ruled, org: Org) -> None:
    org.create_group("Team [A]?")
    async with ruled(protected_groups=("Lega?", "[L]egal", "egal", "Leg")) as program:
        assert (await run(program, ADD[0], **ADD[1]))["changed"] is True
    async with ruled(protected_groups=("team [a]?",)) as program:
        assert (await refuse(program, "add_user_to_group", user_id=JANE, group_id="Team [A]?")).code == (
            "refused_by_policy"
        )


async def test_what_the_rules_allow_is_done(ruled: Ruled, org: Org) -> None:
    async with ruled(
        allow_actions=("add_user_to_group",),
        deny_actions=("create_user",),
        protected_users=("john*",),
        protected_groups=("Sales",),
        managed_groups=("Leg*",),
        changes_per_minute=1,
    ) as program:
        assert (await run(program, ADD[0], **ADD[1]))["changed"] is True
    assert "Legal" in org.groups_of(JANE)


async def test_protected_people_can_be_looked_at(ruled: Ruled) -> None:
    async with ruled(protected_users=("*",), protected_groups=("*",), managed_groups=("None",)) as program:
        assert (await run(program, "lookup_user", user_id=JANE))["login"] == JANE
        assert (await run(program, "lookup_group", group_id="Night Desk"))["name"] == "Night Desk"


@pytest.mark.parametrize("rules", [{}, {"allow_administrators": True}])
async def test_whom_the_connection_acts_as_is_left_alone_whatever_the_rules(
    ruled: Ruled, org: Org, sandbox: RunningSandbox, rules: dict[str, Any]
) -> None:
    own = sandbox.demo.admin_login
    before = org.events()
    async with ruled(**rules) as program:
        for named in (own, own.upper(), org.user(own)["id"]):
            error = await forbidden(program, "suspend_user", user_id=named)
            assert error.rule == "own_identity"
            assert "No setting allows it" in str(error)
    assert org.events() == before


async def test_an_undo_goes_by_the_same_rules(ruled: Ruled, org: Org) -> None:
    async with ruled() as program:
        change = (await run(program, SUSPEND[0], **SUSPEND[1]))["change_id"]
    before = org.events()
    for rule, value in (
        ("read_only", True),
        ("deny_actions", ("unsuspend_user",)),
        ("protected_users", (JANE,)),
        ("changes_per_hour", 1),
    ):
        async with ruled(**{rule: value}) as program:
            assert (await forbidden(program, "undo_change", change_id=change)).rule == rule
    assert org.events() == before


# What is not allowed is not offered


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("rules", "hidden"),
    [
        ({"read_only": True}, {*write_names(), "run_action"}),
        ({"deny_toolsets": ("users",)}, {n for n, a in ACTIONS.items() if a.toolset == "users"}),
        ({"deny_actions": ("create_user",)}, {"create_user"}),
        ({"allow_actions": ("lookup_user",)}, ACTIONS.keys() - {"lookup_user", "find_actions", "run_read"}),
    ],
    ids=["read_only", "deny_toolsets", "deny_actions", "allow_actions"],
)
async def test_what_policy_forbids_is_not_offered_and_refused_all_the_same(
    ruled: Ruled, org: Org, era: str, rules: dict[str, Any], hidden: set[str]
) -> None:
    arguments = {name: (await ready(name, org)).arguments for name in write_names()}
    before = org.events()
    async with ruled(**rules) as program:
        server = OktaActionsServer(program.door, program.connections, "memory")
        async with Client(server, mode=era) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == set(LISTED) - hidden
            for name in hidden & arguments.keys():
                result = await refused(client, name, **arguments[name])
                assert details(result)["rule"] == next(iter(rules))
    assert org.events() == before


async def test_read_only_asks_okta_for_scopes_that_read(ruled: Ruled, sandbox: RunningSandbox) -> None:
    async with ruled(read_only=True) as program:
        connection = await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)
        asked = set(connection.scopes_requested) - set(OPENID_SCOPES)
        assert asked == {*needed_scopes(ACTIONS[name] for name in read_names()), "okta.roles.read"}
        assert all(scope.endswith(".read") for scope in asked)
        server = OktaActionsServer(program.door, program.connections, "memory")
        async with Client(server) as client:
            listed = [tool.name for tool in (await client.list_tools()).tools]
            assert listed == [name for name in (*read_names(), "run_read") if name in LISTED]
            assert (await call(client, "lookup_user", user_id=JANE))["login"] == JANE
            assert "read_only" in said(await refused(client, "suspend_user", user_id=JANE))
    granted = sandbox.org.database.all("SELECT scopes FROM access_tokens ORDER BY issued DESC LIMIT 1")
    assert "manage" not in granted[0]["scopes"]


# Administrators


async def test_administrators_are_left_alone_unless_allowed(ruled: Ruled, org: Org) -> None:
    async with ruled(allow_administrators=True) as program:
        for login in (TESS, SAMIR, ANJA):
            assert (await run(program, "suspend_user", user_id=login))["changed"] is True


async def test_who_becomes_an_administrator_is_one_from_then_on(ruled: Ruled, org: Org, http: Any) -> None:
    async with ruled() as program:
        await run(program, SUSPEND[0], **SUSPEND[1])
        http.post(f"/api/v1/users/{JANE}/roles", json={"type": "REPORT_ADMIN"})
        before = org.events()
        error = await refuse(program, "unsuspend_user", user_id=JANE)
        assert "Jane Doe <jane.doe@example.com> is an administrator (Report Administrator)" in str(error)
    assert org.events() == before


async def test_who_becomes_one_while_a_person_is_asked_is_one(ruled: Ruled, org: Org, http: Any) -> None:
    async with ruled() as program:
        question = await ask(program, "deactivate_user", user_id=JANE)
        http.post(f"/api/v1/users/{JANE}/roles", json={"type": "REPORT_ADMIN"})
        yes = Answer(question.ticket, "accepted")
        outcome = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes))
    assert isinstance(outcome, Refusal)
    assert org.user(JANE)["status"] == "ACTIVE"


@pytest.mark.parametrize("status", [403, 500])
async def test_whose_roles_cannot_be_read_counts_as_an_administrator(ruled: Ruled, org: Org, status: int) -> None:
    path = f"/api/v1/users/{org.user(JANE)['id']}/roles"
    org.trouble({"kind": "status", "status": status, "path": path, "times": 9})
    before = org.events()
    async with ruled() as program:
        error = await forbidden(program, "suspend_user", user_id=JANE)
    assert error.rule == "allow_administrators"
    assert "does not let this connection read whether Jane Doe" in str(error)
    assert org.events() == before


async def test_without_the_scope_for_roles_nothing_is_done_to_people(ruled: Ruled, org: Org) -> None:
    async with ruled() as program:
        connection = await program.connections.connected()
        scopes = " ".join(scope for scope in connection.scopes_granted if scope != "okta.roles.read")
        await program.store.run(
            lambda database: database.execute(database.connections.update().values(scopes_granted=scopes))
        )
    before = org.events()
    async with ruled() as program:
        offered = {offer.action.name for offer in await program.door.offers() if offer.reason is None}
        # Of whom nobody tells whether they administer, nothing is changed.
        blind = {name for name, action in ACTIONS.items() if any(kind.protection.scope for kind in action.kinds)}
        about_roles = {name for name, action in ACTIONS.items() if "okta.roles.read" in action.scopes}
        offered_yet = {*read_names(), *(set(write_names()) - blind), "run_read", "run_action"}
        assert offered == offered_yet - about_roles
        error = await refuse(program, "suspend_user", user_id=JANE)
        assert error.code == "missing_scope"
        assert "okta.roles.read" in str(error)
    assert org.events() == before
    async with ruled(allow_administrators=True) as program:
        assert {offer.action.name for offer in await program.door.offers() if offer.reason} == about_roles


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Admins",
            "IT Administrators",
            "okta-admin",
            "SuperAdmins",
            "super_admins",
            "SYSADMIN",
            "AppAdmins",
            "admin2",
        ),
        *("Helpdesk admins", "HelpdeskAdmins", "HELPDESKADMINS", "Administration", "useradmins", "Org Admin (EU)"),
    ],
)
def test_a_group_named_like_administrators_counts_as_theirs(name: str) -> None:
    assert named_like_administrators(name)


@pytest.mark.parametrize(
    "name", ["Badminton", "Administrative Assistants", "Admissions", "Sales", "Adminton", "Ad minor", "", "Roadmap"]
)
def test_a_group_that_only_sounds_so_does_not(name: str) -> None:
    assert not named_like_administrators(name)


async def test_a_group_of_which_okta_tells_nothing_counts_as_one_that_grants(ruled: Ruled, org: Org) -> None:
    legal = org.group_id("Legal")
    org.trouble({"kind": "status", "status": 403, "method": "GET", "path": "/api/v1/groups", "whole": True})
    before = org.events()
    async with ruled() as program:
        error = await forbidden(program, "add_user_to_group", user_id=JANE, group_id=legal)
    assert error.rule == "allow_administrators"
    assert "does not report whether “Legal” grants administration" in str(error)
    assert org.events() == before


async def test_a_group_that_is_given_a_role_grants_from_then_on(ruled: Ruled, org: Org, http: Any) -> None:
    http.post(f"/api/v1/groups/{org.group_id('Legal')}/roles", json={"type": "HELP_DESK_ADMIN"})
    async with ruled() as program:
        assert "“Legal” grants administration" in str(await refuse(program, ADD[0], **ADD[1]))
    assert "Legal" not in org.groups_of(JANE)


async def test_a_group_that_is_given_a_role_while_it_is_known_grants_at_once(ruled: Ruled, org: Org, http: Any) -> None:
    async with ruled() as program:
        await run(program, ADD[0], **ADD[1], dry_run=True)
        http.post(f"/api/v1/groups/{org.group_id('Legal')}/roles", json={"type": "HELP_DESK_ADMIN"})
        assert "“Legal” grants administration" in str(await refuse(program, ADD[0], **ADD[1]))
    assert "Legal" not in org.groups_of(JANE)


# How fast


@pytest.mark.parametrize(("rule", "seconds"), [("changes_per_minute", 60), ("changes_per_hour", 3600)])
async def test_so_many_changes_and_no_more_for_each_caller(ruled: Ruled, org: Org, rule: str, seconds: int) -> None:
    async with ruled(**{rule: 2}) as program:
        for _ in range(3):
            # What changes nothing does not count.
            await run(program, "lookup_user", user_id=JANE)
            await run(program, "suspend_user", user_id=JANE, dry_run=True)
            await run(program, "unsuspend_user", user_id=JANE)
        await run(program, "suspend_user", user_id=JANE)
        await run(program, "unsuspend_user", user_id=JANE)
        before = org.events()
        error = await forbidden(program, "suspend_user", user_id=JANE)
        assert (error.rule, error.retryable) == (rule, True)
        assert error.retry_after is not None
        assert seconds - 30 < error.retry_after <= seconds
        assert f"Try again in {error.retry_after:.0f} s." in str(error)
        assert org.events() == before
        other = await program.door.call(
            Call(Caller(Principal("tests", "somebody else"), "tests"), "suspend_user", {"user_id": JANE})
        )
        assert isinstance(other, Result)


async def test_what_came_too_fast_can_be_confirmed_later_by_the_same_yes(ruled: Ruled, org: Org) -> None:
    async with ruled() as program:
        question = await ask(program, "deactivate_user", user_id=JANE)
    yes = Answer(question.ticket, "accepted")
    async with ruled(changes_per_minute=0) as program:
        refusal = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes))
        assert isinstance(refusal, Refusal)
    assert org.user(JANE)["status"] == "ACTIVE"
    async with ruled() as program:
        assert isinstance(await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes)), Result)


# What must be confirmed, and what is only told

EMAIL = ("update_user_profile", {"user_id": JANE, "email": "else@example.com"})
DEACTIVATE = ("deactivate_user", {"user_id": JANE})


@pytest.mark.parametrize(
    ("confirm", "asked"),
    [
        ((), []),
        (("destructive",), [DEACTIVATE]),
        (("escalation",), [EMAIL]),
        (("destructive", "escalation"), [EMAIL, DEACTIVATE]),
        (("write",), [ADD, EMAIL, DEACTIVATE]),
    ],
    ids=["nothing", "destructive", "escalation", "both", "write"],
)
async def test_policy_says_what_a_person_must_confirm(
    ruled: Ruled, confirm: tuple[str, ...], asked: list[tuple[str, dict[str, Any]]]
) -> None:
    async with ruled(confirm=confirm) as program:
        for tried in (ADD, EMAIL, DEACTIVATE):
            outcome = await attempt(program, tried[0], **tried[1])
            assert isinstance(outcome, Question if tried in asked else Result)


async def test_a_protected_login_or_address_is_nobody_elses(ruled: Ruled, org: Org) -> None:
    before = org.events()
    async with ruled(protected_users=("*@board.example.com",)) as program:
        for claimed in ("login", "email"):
            person = {**NEW, claimed: "x@board.example.com"}
            assert (await forbidden(program, "create_user", **person)).rule == "protected_users"
            error = await forbidden(program, "update_user_profile", user_id=JANE, **{claimed: "x@board.example.com"})
            assert error.rule == "protected_users"
    assert org.events() == before


@pytest.mark.parametrize(
    "rules",
    [{"deny_toolsets": ("users", "groups")}, {"allow_toolsets": ("changes",)}, {"allow_actions": ("list_changes",)}],
)
@pytest.mark.parametrize(
    ("argument", "names"), [("user_id", (JANE, "nobody@example.com")), ("group_id", ("Legal", "None"))]
)
async def test_the_record_does_not_tell_who_exists_where_nobody_may_be_looked_up(
    ruled: Ruled, rules: dict[str, Any], argument: str, names: tuple[str, str]
) -> None:
    async with ruled(**rules) as program:
        told = {str(await refuse(program, "list_changes", **{argument: name})) for name in names}
        assert len(told) == 1
        assert "must be looked up" in told.pop()
        assert (await run(program, "list_changes"))["changes"] == []


async def test_the_record_of_a_person_is_there_where_they_may_be_looked_up(ruled: Ruled) -> None:
    async with ruled(deny_toolsets=("groups",)) as program:
        assert (await run(program, "list_changes", user_id=JANE))["changes"] == []


async def test_much_of_the_same_is_counted_over_programs_and_said_so(ruled: Ruled) -> None:
    callers = [Caller(CALLER.principal, CALLER.surface, caller.ClientInfo(f"client {at}")) for at in range(7)]
    async with ruled(ask_from=2) as program:
        outcomes = [
            await program.door.call(Call(one, "update_user_profile", {"user_id": JANE, "title": f"T{at}"}))
            for at, one in enumerate(callers)
        ]
    assert all(isinstance(one, Result) for one in outcomes[:6])
    assert isinstance(outcomes[6], Question)
    assert "done 2 times or more in the last minute, by one or more programs" in outcomes[6].text

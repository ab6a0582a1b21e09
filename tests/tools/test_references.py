"""People are found by id, login or e-mail, groups by id or exact name; nobody is found by anything else."""

import pytest

from connected_org import Org
from ledger import run
from server.program import Program
from tools.objects.groups import Group, find_group
from tools.objects.users import User, find_user
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, Ambiguous, InvalidInput, NotFound
from tools.text.lines import visible


@pytest.fixture
async def okta(program: Program) -> OktaClient:
    return await program.connections.client(await program.connections.connected())


async def test_a_person_is_found_by_id_login_and_email_in_any_case(okta: OktaClient, org: Org) -> None:
    made = org.create("login@example.com", email="mail@example.com")
    for text in (made["id"], "login@example.com", "LOGIN@example.com", "mail@example.com", "Mail@Example.com"):
        assert (await find_user(okta, text)).id == made["id"]


@pytest.mark.parametrize(
    "text",
    ["me", "jane.doe", "Jane Doe", "../users/me", "%", "jane.doe@", "@"],
)
async def test_what_is_nobodys_id_login_or_email_is_nobody(okta: OktaClient, text: str) -> None:
    with pytest.raises(NotFound, match="short names and “me” are not accepted"):
        await find_user(okta, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nobody@example.com", "Check the spelling, or find them by their name with search_users"),
        ("jane.d@example.com", "Nobody has the login or e-mail"),
        ("00u00000000000000000", "may have been deleted"),
        ("00g00000000000000000", "id of a group, not of a person"),
    ],
)
async def test_each_way_of_being_nobody_has_its_own_next_step(okta: OktaClient, text: str, said: str) -> None:
    with pytest.raises(NotFound) as refused:
        await find_user(okta, text)
    assert said in str(refused.value)
    assert "short names" not in str(refused.value)


async def test_a_persons_label_is_accepted_as_shown_and_only_if_name_and_login_belong_together(
    okta: OktaClient, org: Org
) -> None:
    for name in ("Ann", "Ann <Smith>", "Ann\u200b", "x" * 50):
        made = org.create(f"label{len(name)}@example.com", firstName=name)
        shown = User.model_validate(made).label
        assert (await find_user(okta, shown)).id == made["id"]
    with pytest.raises(NotFound, match="the login belongs to"):
        await find_user(okta, "Jane Roe <jane.doe@example.com>")
    with pytest.raises(NotFound, match="Nobody has"):
        await find_user(okta, "Jane Doe <jane.roe@example.com>")


SHOWN = [
    "Le\u200bgal\u200b Team",
    " Padded  name ",
    "No\u00a0break",
    "Tab\there",
    "ع\u200cر",
    "x" * 80,
    "a\u0085b",
    "\u202eTurned",
]


@pytest.mark.parametrize("name", SHOWN)
async def test_a_group_is_found_by_the_name_that_answers_show(
    okta: OktaClient, program: Program, org: Org, name: str
) -> None:
    id = org.create_group(name)
    shown = visible((await run(program, "lookup_group", group_id=id))["name"])
    label = Group(id=id, type="OKTA_GROUP", profile={"name": name}).label
    for text in (shown, label, f"{label} ({id})"):
        assert (await find_group(okta, text.strip())).id == id
    with pytest.raises(NotFound):
        await find_group(okta, f"{label} (00g00000000000000000)")


async def test_an_exact_name_goes_before_one_that_only_looks_the_same(okta: OktaClient, org: Org) -> None:
    fakes = [org.create_group("Twi\u200bns"), org.create_group("Tw\u200bins")]
    assert (await find_group(okta, r"Tw\u200bins")).id == fakes[1], "what is shown is meant"
    with pytest.raises(Ambiguous) as refused:
        await find_group(okta, "Twins")
    assert all(id in str(refused.value) for id in fakes)
    real = org.create_group("Twins")
    assert (await find_group(okta, "Twins")).id == real
    with pytest.raises(NotFound):
        await find_group(okta, "Twin")


async def test_a_short_name_that_okta_answers_to_is_not_followed(okta: OktaClient) -> None:
    assert (await okta.get("users", "jane.doe"))["profile"]["login"] == "jane.doe@example.com"
    with pytest.raises(NotFound):
        await find_user(okta, "jane.doe")


async def test_one_persons_login_and_anothers_email_is_ambiguous(okta: OktaClient, org: Org) -> None:
    first = org.create("shared@example.com", email="other@example.com")
    second = org.create("another@example.com", email="shared@example.com")
    with pytest.raises(Ambiguous) as refused:
        await find_user(okta, "shared@example.com")
    assert first["id"] in str(refused.value)
    assert second["id"] in str(refused.value)


async def test_a_shared_mailbox_lists_who_has_it(okta: OktaClient, org: Org) -> None:
    ids = [org.create(f"p{n}@example.com", email="team@example.com")["id"] for n in range(3)]
    with pytest.raises(Ambiguous) as refused:
        await find_user(okta, "team@example.com")
    assert all(id in str(refused.value) for id in ids)


@pytest.mark.parametrize("text", ["a\x00@example.com", "a\u202e@example.com", "a\n@example.com"])
async def test_control_characters_are_refused(okta: OktaClient, text: str) -> None:
    with pytest.raises(ActionError):
        await find_user(okta, text)


@pytest.mark.parametrize("text", ['a" or id pr or profile.email eq "b@c', "a\\@example.com", "o'brien@example.com"])
async def test_quotes_are_only_ever_part_of_the_value(okta: OktaClient, text: str) -> None:
    with pytest.raises(NotFound):
        await find_user(okta, text)


async def test_a_group_is_found_by_id_and_exact_name(okta: OktaClient, org: Org) -> None:
    id = org.create_group('Odd "Name" \\ here')
    assert (await find_group(okta, id)).id == id
    assert (await find_group(okta, 'Odd "Name" \\ here')).id == id


async def test_a_name_that_differs_only_in_case_is_suggested(okta: OktaClient, org: Org) -> None:
    id = org.create_group("Exact Name")
    with pytest.raises(NotFound) as refused:
        await find_group(okta, "exact name")
    assert id in str(refused.value)
    with pytest.raises(NotFound):
        await find_group(okta, "Exact")


async def test_a_group_that_is_not_there_says_what_to_send(okta: OktaClient) -> None:
    for text in ("No such group", "00g00000000000000000"):
        with pytest.raises(NotFound, match="exact name"):
            await find_group(okta, text)
    with pytest.raises(InvalidInput):
        await find_group(okta, "a\u200eb")

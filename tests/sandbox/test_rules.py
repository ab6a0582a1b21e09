"""Group rules as Okta runs them. Each test names the recording or the page that says so."""

from typing import Any

import httpx2
import pytest

from connected_org import Org

GROUPS = "/api/v1/groups"
RULES = f"{GROUPS}/rules"


class Rules:
    """Makes rules and groups, and says who is in which."""

    def __init__(self, http: httpx2.Client, org: Org) -> None:
        self.http, self.org = http, org

    def send(self, expression: str, *groups: str, name: str = "A rule", **conditions: Any) -> httpx2.Response:
        body = {
            "type": "group_rule",
            "name": name,
            "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}, **conditions},
            "actions": {"assignUserToGroups": {"groupIds": [self.org.group_id(group) for group in groups]}},
        }
        return self.http.post(RULES, json=body)

    def make(self, expression: str, group: str, name: str = "A rule", active: bool = True) -> str:
        """The id of a new rule; the group is made if there is none."""
        if not self.http.get(GROUPS, params={"q": group}).json():
            self.org.create_group(group)
        answer = self.send(expression, group, name=name)
        assert answer.status_code == 200, answer.text
        id = str(answer.json()["id"])
        if active:
            self.step(id, "activate")
        return id

    def step(self, id: str, step: str) -> None:
        answer = self.http.post(f"{RULES}/{id}/lifecycle/{step}")
        assert answer.status_code == 204, answer.text

    def get(self, id: str) -> dict[str, Any]:
        rule: dict[str, Any] = self.http.get(f"{RULES}/{id}").json()
        return rule

    def excluded(self, id: str) -> list[str]:
        people = self.get(id)["conditions"].get("people") or {"users": {"exclude": []}}
        exclude: list[str] = people["users"]["exclude"]
        return exclude

    def members(self, group: str) -> set[str]:
        listed = self.http.get(f"{GROUPS}/{self.org.group_id(group)}/users").json()
        return {user["profile"]["login"] for user in listed}

    def put(self, group: str, login: str) -> None:
        assert self.http.put(self._membership(group, login)).status_code == 204

    def take(self, group: str, login: str) -> None:
        assert self.http.delete(self._membership(group, login)).status_code == 204

    def set(self, login: str, **profile: Any) -> None:
        assert self.http.post(f"/api/v1/users/{login}", json={"profile": profile}).status_code == 200

    def _membership(self, group: str, login: str) -> str:
        return f"{GROUPS}/{self.org.group_id(group)}/users/{self.org.user(login)['id']}"


@pytest.fixture
def rules(http: httpx2.Client, org: Org) -> Rules:
    return Rules(http, org)


def test_a_change_of_attributes_moves_a_person_in_and_out(rules: Rules) -> None:
    """Okta help: "About group rules"; recorded: terraform-provider-okta, TestAccResourceOktaGroupRule_crud."""
    rules.make('user.city == "Lima"', "Lima")
    rules.org.create("new@example.com")
    rules.set("new@example.com", city="Lima")
    assert rules.members("Lima") == {"new@example.com"}
    rules.set("new@example.com", city="Cusco")
    assert rules.members("Lima") == set()


def test_a_change_of_memberships_by_hand_moves_a_person_in_and_out(rules: Rules) -> None:
    """Okta help, "Group rules": they run when "the user's group membership changes"."""
    rules.make(f'isMemberOfAnyGroup("{rules.org.group_id("Legal")}")', "Advised")
    before = rules.members("Legal")
    assert rules.members("Advised") == before
    rules.put("Legal", "jane.doe@example.com")
    assert rules.members("Advised") == before | {"jane.doe@example.com"}
    rules.take("Legal", "jane.doe@example.com")
    assert rules.members("Advised") == before


def test_rules_follow_each_other_to_the_end_of_the_chain(rules: Rules) -> None:
    """Okta support, "Group Rule Restrictions": cascading rules are slow, but run."""
    # In the order in which a single pass would miss the end.
    rules.make('isMemberOfGroupName("Two")', "Three", name="third")
    rules.make('isMemberOfGroupName("One")', "Two", name="second")
    rules.make('user.city == "Lima"', "One", name="first")
    rules.org.create("new@example.com", city="Lima")
    assert [rules.members(group) for group in ("One", "Two", "Three")] == [{"new@example.com"}] * 3
    rules.set("new@example.com", city="Cusco")
    assert [rules.members(group) for group in ("One", "Two", "Three")] == [set()] * 3


def test_a_rule_that_undoes_its_own_condition_comes_to_an_end(rules: Rules) -> None:
    rules.make('user.city == "Lima" and !isMemberOfGroupName("Never")', "Never")
    rules.org.create("new@example.com", city="Lima")
    assert rules.org.user("new@example.com")["status"] == "PROVISIONED"


def test_a_deleted_group_takes_those_along_who_are_in_others_because_of_it(rules: Rules) -> None:
    id = rules.org.create_group("Root")
    rules.make('isMemberOfGroupName("Root")', "Branch")
    rules.put("Root", "jane.doe@example.com")
    assert rules.members("Branch") == {"jane.doe@example.com"}
    rules.http.delete(f"{GROUPS}/{id}")
    assert rules.members("Branch") == set()


def test_whoever_is_reactivated_is_looked_at_and_whoever_is_deactivated_stays(rules: Rules) -> None:
    """Okta help, "Group rules" (reactivation); support, "Deactivated Users not Removed From Okta Groups"."""
    rules.make('user.city == "Lima"', "Lima")
    id = rules.org.create("new@example.com", city="Lima")["id"]
    rules.org.lifecycle(id, "deactivate")
    rule = rules.make('user.city == "Lima"', "Peru", name="another")
    assert "Peru" not in rules.org.groups_of(id), "a rule looks at nobody who is deactivated"
    assert "Lima" in rules.org.groups_of(id), "a deactivation runs no rule"
    rules.org.lifecycle(id, "activate")
    assert {"Lima", "Peru"} <= rules.org.groups_of(id)
    assert rules.excluded(rule) == []


@pytest.mark.parametrize("activate", [True, False])
def test_whoever_is_created_is_looked_at_even_staged(rules: Rules, activate: bool) -> None:
    """Recorded: STAGED people are matched (terraform-provider-okta)."""
    rules.make('user.city == "Lima"', "Lima")
    rules.org.create("new@example.com", activate=activate, city="Lima")
    assert rules.members("Lima") == {"new@example.com"}


def test_a_member_by_hand_stays_when_the_rule_does_not_fit(rules: Rules) -> None:
    """Okta help, "Manual group user management"."""
    rules.make('user.city == "Lima"', "Lima")
    rules.put("Lima", "jane.doe@example.com")
    rules.set("jane.doe@example.com", nickName="Jay")
    assert rules.members("Lima") == {"jane.doe@example.com"}


def test_a_member_by_hand_who_begins_to_fit_is_kept_by_the_rule_from_then_on(rules: Rules) -> None:
    """Okta help, "Manual group user management": that user becomes managed by the rule."""
    rules.org.create_group("Lima")
    rules.put("Lima", "jane.doe@example.com")
    rules.set("jane.doe@example.com", city="Lima")
    rules.make('user.city == "Lima"', "Lima")
    rules.set("jane.doe@example.com", city="Cusco")
    assert rules.members("Lima") == set()


def test_whoever_two_rules_keep_stays_until_neither_does(rules: Rules) -> None:
    rules.make('user.city == "Lima"', "Peru", name="Lima")
    rules.make('user.title == "Guide"', "Peru", name="Guides")
    id = rules.org.create("new@example.com", city="Lima", title="Guide")["id"]
    rules.set(id, city="Oslo")
    assert rules.members("Peru") == {"new@example.com"}
    assert rules.org.events("new@example.com").count("group.user_membership.add") == 1, "nobody left in between"
    rules.set(id, title="Cook")
    assert rules.members("Peru") == set()


def test_a_member_taken_out_by_hand_is_on_the_exception_list_for_good(rules: Rules) -> None:
    """Okta help, "Manual group user management"; support, "User getting added in group exclusion list"."""
    rule = rules.make('user.city == "Lima"', "Lima")
    id = rules.org.create("new@example.com", city="Lima")["id"]
    rules.take("Lima", "new@example.com")
    assert rules.excluded(rule) == [id]
    rules.set(id, title="Still here")
    assert rules.members("Lima") == set()
    rules.put("Lima", "new@example.com")
    assert rules.excluded(rule) == [id], "putting them back takes nobody off the list"
    rules.set(id, city="Cusco")
    assert rules.members("Lima") == {"new@example.com"}, "they are in it by hand now"
    event = rules.http.get("/api/v1/logs", params={"filter": 'eventType eq "group.user_membership.rule.add_exclusion"'})
    assert [(one["actor"]["type"], one["target"][0]["id"]) for one in event.json()] == [("SystemPrincipal", id)]


def test_only_whom_a_rule_keeps_gets_onto_the_exception_list(rules: Rules) -> None:
    """Okta support, "How to add and remove users from groups": a change of attributes excepts nobody."""
    rule = rules.make('user.city == "Lima"', "Lima")
    rules.put("Lima", "jane.doe@example.com")
    rules.take("Lima", "jane.doe@example.com")
    rules.take("Lima", "jane.doe@example.com")
    id = rules.org.create("new@example.com", city="Lima")["id"]
    rules.set(id, city="Cusco")
    assert rules.excluded(rule) == []
    rules.set(id, city="Lima")
    assert rules.members("Lima") == {"new@example.com"}


def test_a_rule_that_is_changed_and_activated_again_takes_out_whom_it_keeps_no_more(rules: Rules) -> None:
    """Recorded: terraform-provider-okta, TestAccResourceOktaGroupRule_crud: deactivate, PUT, activate."""
    rule = rules.make('user.city == "Lima"', "Peru")
    rules.org.create("lima@example.com", city="Lima")
    rules.org.create("cusco@example.com", city="Cusco")
    rules.step(rule, "deactivate")
    assert rules.members("Peru") == {"lima@example.com"}, "deactivating removes nobody"
    body = rules.get(rule)
    body["conditions"]["expression"]["value"] = 'user.city == "Cusco"'
    assert rules.http.put(f"{RULES}/{rule}", json=body).status_code == 200
    rules.step(rule, "activate")
    assert rules.members("Peru") == {"cusco@example.com"}


@pytest.mark.parametrize(("remove", "left"), [("true", set()), ("false", {"new@example.com"})])
def test_the_members_of_a_deleted_rule_are_removed_on_request(rules: Rules, remove: str, left: set[str]) -> None:
    """Recorded: `removeUsers=false` (terraform-provider-okta), 202 and an empty object."""
    rule = rules.make('user.city == "Lima"', "Lima")
    rules.org.create("new@example.com", city="Lima")
    gone = rules.http.delete(f"{RULES}/{rule}", params={"removeUsers": remove})
    assert (gone.status_code, gone.json()) == (202, {})
    assert rules.members("Lima") == left


def test_no_rule_leads_to_administrators(rules: Rules) -> None:
    """Okta help, "About group rules": rules cannot be used to assign users to admin groups."""
    answer = rules.send('user.city == "Lima"', "Night Desk")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert "admin groups" in answer.json()["errorCauses"][0]["errorSummary"]
    assert rules.send('user.city == "Lima"', "Legal", "IT Administrators").status_code == 400


@pytest.mark.parametrize("active", [True, False])
def test_no_role_is_given_to_a_group_that_a_rule_leads_to(rules: Rules, active: bool) -> None:
    """Okta's error codes: E0000192, "Roles cannot be granted to groups with group membership rules"."""
    rule = rules.make('user.city == "Lima"', "Lima", active=active)
    roles = f"{GROUPS}/{rules.org.group_id('Lima')}/roles"
    refused = rules.http.post(roles, json={"type": "HELP_DESK_ADMIN"})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "E0000192")
    assert rules.http.get(roles).json() == []
    rules.http.delete(f"{RULES}/{rule}")
    assert rules.http.post(roles, json={"type": "HELP_DESK_ADMIN"}).status_code == 201


def test_a_rule_whose_group_is_gone_is_invalid_for_good(rules: Rules) -> None:
    """Recorded: errors.md, "Cannot activate or deactivate a Group Rule with the status INVALID"."""
    rule = rules.make('user.city == "Lima"', "Lima")
    rules.http.delete(f"{GROUPS}/{rules.org.group_id('Lima')}")
    assert (rules.get(rule)["status"], rules.get(rule)["allGroupsValid"]) == ("INVALID", False)
    for step in ("activate", "deactivate"):
        refused = rules.http.post(f"{RULES}/{rule}/lifecycle/{step}").json()
        assert refused["errorSummary"] == "Api validation failed: updateRuleStatus"
    assert rules.http.put(f"{RULES}/{rule}", json=rules.get(rule)).status_code == 400
    rules.org.create("new@example.com", city="Lima")
    assert rules.http.delete(f"{RULES}/{rule}").status_code == 202


def test_two_rules_cannot_have_one_name(rules: Rules) -> None:
    """okta-sdk-java#645 has Okta's words."""
    rule = rules.make('user.city == "Lima"', "Lima", active=False)
    answer = rules.send('user.city == "Oslo"', "Lima").json()
    assert answer["errorCauses"] == [{"errorSummary": "name: Policy rule name already in use"}]
    assert rules.http.put(f"{RULES}/{rule}", json=rules.get(rule)).status_code == 200


JANE = "jane.doe@example.com"


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ('user.firstName + " " + user.lastName == "Jane Doe"', True),
        ('String.join("-", user.firstName, user.lastName) == "Jane-Doe"', True),
        ('String.replace(user.login, "example", "x") == "jane.doe@x.com"', True),
        ('String.replaceFirst("aa", "a", "b") == "ba"', True),
        ('String.removeSpaces(user.department) == "PeopleOperations"', True),
        ('String.substring(user.firstName, 0, 2) == "Ja"', True),
        ('String.stringSwitch(user.department, "no", "Sales", "s", "People", "p") == "p"', True),
        ('String.len(user.firstName) >= 4 AND NOT (user.lastName eq "Smith")', True),
        ('user.department == "Legal" ? false : true', True),
        ('Arrays.contains({"Sales", "People Operations"}, user.department)', True),
        ('Arrays.size(Arrays.add({1, 2}, 3)) == 3 && Arrays.get({"a", "b"}, 1) == "b"', True),
        ('Arrays.isEmpty(Arrays.remove({"a"}, "a")) && Arrays.toCsvString({"a", "b"}) == "a,b"', True),
        ('isMemberOfGroupNameContains("Operations") && isMemberOfGroupNameStartsWith("People")', True),
        ('isMemberOfGroupNameRegex("People .*")', True),
        ('isMemberOfGroupNameRegex("People")', False),
        ('isMemberOfGroupNameRegex("[")', False),
        (" and ".join(["user.firstName + user.lastName == 'JaneDoe'"] * 3000), True),
        ("hasDirectoryUser() or hasWorkdayUser()", False),
        ("user.nickName == null", True),
        ('user.nickName > "a"', False),
        ('Arrays.get({"a"}, 7) == "a"', False),
        ("user.firstName", False),
    ],
)
def test_what_an_expression_says_holds(rules: Rules, expression: str, fits: bool) -> None:
    """Okta developer docs, "Okta Expression Language"; what does not come to true or false assigns nobody."""
    rules.make(expression, "Found")
    assert (JANE in rules.members("Found")) is fits


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('user.shoeSize == "43"', "Invalid property shoeSize"),
        ('String.startsWith(String.toLowerCase(user.login, "x"))', "does not take"),
        ('profile.login == "x"', "unknown"),
        ("Convert.toInt(user.employeeNumber) > 3", "unknown"),
        ("{1, 2", "missing"),
        ("user.city ? true", "missing"),
        ("!" * 5000 + "true", "nested"),
        ("(" * 5000 + "true", "nested"),
    ],
)
def test_an_expression_that_cannot_be_run_is_refused(rules: Rules, expression: str, told: str) -> None:
    """articulate/terraform-provider-okta#148 has the summary."""
    answer = rules.send(expression, "Legal").json()
    assert answer["errorSummary"] == "Api validation failed: validateRule"
    assert told in answer["errorCauses"][0]["errorSummary"]

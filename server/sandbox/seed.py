"""The demo org: some sixty people of a small company, their groups, a rule, and what they work with; more people on
request."""

import secrets
from collections.abc import Iterator
from typing import Any

from server.sandbox import groups, story
from server.sandbox.applications import demo
from server.sandbox.authorization.assignments import assign
from server.sandbox.database import dump
from server.sandbox.factors import demo as factors
from server.sandbox.identifiers import new_id, okta_time
from server.sandbox.org import Org
from server.sandbox.people import columns_of, find_login
from server.sandbox.policies import demo as policy_demo
from server.sandbox.story.changes import DESK_MADE, SUSPENDED
from server.sandbox.story.trouble import LOCKED

DAY = 24 * 3600.0
DOMAIN = "example.com"

_DEPARTMENTS: dict[str, tuple[str, str]] = {
    # Department: its manager, then its people; a title follows from the department.
    "Engineering": (
        "Priya Raman",
        "Alex Kim, Tomás Herrera, Ingrid Solberg, Wei Zhang, Fatima Al-Sayed, Jonas Weber, Grace Okafor, Liam Murphy, "
        "Hana Sato, Diego Morales, Nadia Petrova, Ben Carter, Amara Diallo, Yusuf Demir",
    ),
    "Sales": (
        "Marcus Reid",
        "Alex Kim, Chloé Laurent, Daniel Novak, Sofia Rossi, Ethan Brooks, Mei Lin, Oscar Lind, Zoe Papadakis, "
        "Rashid Khan",
    ),
    "Marketing": ("Elena Vasquez", "Noah Fischer, Aisha Bello, Lucas Moreau, Emma Johansson, Kofi Mensah"),
    "Finance": ("Harold Bennett", "Yuki Tanaka, Clara Schmidt, Omar Haddad, Isabel Costa"),
    "People Operations": ("Ruth Adeyemi", "Jane Doe, Peter Svensson, Lucia Ferrari"),
    "IT": ("Samir Patel", "Kevin O'Brien, Anja Kowalska, Rafael Souza, Tess Nguyen"),
    "Legal": ("Victoria Chan", "Henrik Dahl, Maya Goldberg"),
    "Support": ("Andrew Walsh", "Leila Hosseini, Carlos Vega, Freya Olsen, Ivan Horvat, Naledi Dube, Sam Taylor"),
}
_CONTRACTORS = ("Dana Whitfield", "Pavel Orlov", "Rina Cohen", "Theo Martin")
_STATUS = {
    "oscar.lind": "SUSPENDED",
    "kofi.mensah": "SUSPENDED",
    "sam.taylor": "DEPROVISIONED",
    "ben.carter": "DEPROVISIONED",
    "ethan.brooks": "DEPROVISIONED",
    "naledi.dube": "STAGED",
    "theo.martin": "STAGED",
    "yusuf.demir": "PROVISIONED",
    "lucia.ferrari": "PASSWORD_EXPIRED",
    "carlos.vega": "LOCKED_OUT",
}
_RULES = {
    # By the group that it fills, what a group rule is called, and of whom it speaks.
    "Contractors": ("Contractors by user type", 'user.userType=="Contractor"'),
    "Customer Desk": (
        "Customer desk by department",
        'user.department=="Support" AND user.userType=="Employee"',
    ),
}
_CHANGED = {"LOCKED_OUT": LOCKED, "PASSWORD_EXPIRED": 2.3, "SUSPENDED": SUSPENDED}
"""Days since people came to be in a status."""
_LAST_SEEN = {"samir.patel": 0.2, "tess.nguyen": 1.1}
"""Days since those who administer the org signed in; the others were seen one day after the other."""
_MORE_GROUPS = {"samir.patel": "IT Administrators", "anja.kowalska": "Night Desk"}
_CITIES = (("Chicago", "IL", "US"), ("Berlin", "BE", "DE"), ("Tokyo", "", "JP"), ("Dublin", "", "IE"))
_LETTERS = str.maketrans({"á": "a", "é": "e", "'": "", " ": ".", "-": "."})


def seed(org: Org, users: int | None = None) -> str:
    """Fill a new org, up to `users` people in all; an org that has people stays as it is.

    Returns the id of the administrator that the sandbox's own app acts as: a service account.
    """
    with org.database.transaction():
        if row := org.database.one("SELECT id FROM users WHERE login = ?", f"okta-actions@{DOMAIN}"):
            return str(row["id"])
        org.fact("created", org.now)
        everyone = groups.everyone(org)["id"]
        made = {
            name: groups.insert(org, {"name": name, "description": f"Everyone in {name}"})["id"]
            for name in _DEPARTMENTS
        }
        made["Managers"] = groups.insert(org, {"name": "Managers", "description": "People who lead others"})["id"]
        made["Contractors"] = groups.insert(org, {"name": "Contractors", "description": "Kept by a group rule"})["id"]
        made["VPN Users"] = groups.insert(org, {"name": "VPN Users", "description": "May use the VPN"})["id"]
        desk = {
            "name": "Customer Desk",
            "description": "Answers customers; kept by a group rule, and has the Help Center",
        }
        made["Customer Desk"] = groups.insert(org, desk)["id"]
        directory = {"name": "Domain Users", "description": "Imported from Active Directory"}
        made["Domain Users"] = groups.insert(org, directory, "APP_GROUP", "okta:windows_security_principal")["id"]
        made["IT Administrators"] = groups.insert(
            org, {"name": "IT Administrators", "description": "Administer the org"}
        )["id"]
        # Its name does not say that it makes administrators.
        made["Night Desk"] = groups.insert(org, {"name": "Night Desk", "description": "On call at night"})["id"]
        administrator = _person("Okta Actions", "okta-actions", title="Service account", department="IT")
        people = [(administrator, "ACTIVE", ()), *_company()]
        extra = _crowd(max(0, (users or 0) - len(people)))
        rules = {name: _rule(org, told, expression, made[name]) for name, (told, expression) in _RULES.items()}
        first = _insert(org, iter(people), everyone, made, rules)
        _insert(org, extra, everyone, made, rules)
        assign(org, "group", made["IT Administrators"], "ORG_ADMIN")
        assign(org, "group", made["Night Desk"], "HELP_DESK_ADMIN")
        helper = find_login(org, f"tess.nguyen@{DOMAIN}")
        assert helper is not None  # one of the company
        assign(org, "user", helper["id"], "HELP_DESK_ADMIN")
        demo.prepare(org)
        _date_back(org)
        factors.prepare(org, [profile["login"] for profile, _, _ in people])
        policy_demo.prepare(org, made, everyone)
        story.promise(org)
        return first


def _company() -> Iterator[tuple[dict[str, Any], str, tuple[str, ...]]]:
    """Profile, status and groups of each person."""
    taken: set[str] = set()
    number = 1000
    for place, (department, (manager, members)) in enumerate(_DEPARTMENTS.items()):
        city, state, country = _CITIES[place % len(_CITIES)]
        for name in (manager, *members.split(", ")):
            number += 1
            leads = name == manager
            profile = _person(
                name,
                _account(name, taken),
                title=f"Head of {department}" if leads else f"{department} specialist",
                department=department,
                manager=None if leads else manager,
                employeeNumber=str(number),
                userType="Employee",
                city=city,
                state=state or None,
                countryCode=country,
                mobilePhone=f"+1 555 0{number - 900}",
            )
            in_groups = (
                department,
                "Domain Users",
                *(["Managers"] if leads else []),
                *(["VPN Users"] if number % 3 else []),
                *(["Customer Desk"] if department == "Support" else []),
            )
            account = profile["login"].partition("@")[0]
            more = (_MORE_GROUPS[account],) if account in _MORE_GROUPS else ()
            yield profile, _STATUS.get(account, "ACTIVE"), (*in_groups, *more)
    for name in _CONTRACTORS:
        profile = _person(name, _account(name, taken), title="Contractor", userType="Contractor", department="IT")
        yield profile, _STATUS.get(profile["login"].partition("@")[0], "ACTIVE"), ("Contractors",)


def _account(name: str, taken: set[str]) -> str:
    account = plain = name.lower().translate(_LETTERS)
    while account in taken:
        account = f"{plain}{len([other for other in taken if other.startswith(plain)]) + 1}"
    taken.add(account)
    return account


def _person(name: str, account: str, **attributes: str | None) -> dict[str, Any]:
    first, last = name.split(" ", 1)
    login = f"{account}@{DOMAIN}"
    known = {name: value for name, value in attributes.items() if value is not None}
    return {"firstName": first, "lastName": last, "email": login, "login": login, **known}


def _crowd(count: int) -> Iterator[tuple[dict[str, Any], str, tuple[str, ...]]]:
    """People without a story, to see how large orgs behave."""
    departments = list(_DEPARTMENTS)
    for number in range(1, count + 1):
        department = departments[number % len(departments)]
        profile = _person(
            f"Person{number} Family{number % 997}",
            f"person{number}",
            department=department,
            title=f"{department} specialist",
            employeeNumber=str(100_000 + number),
        )
        yield profile, "SUSPENDED" if number % 50 == 0 else "ACTIVE", (department,)


def _insert(
    org: Org,
    people: Iterator[tuple[dict[str, Any], str, tuple[str, ...]]],
    everyone: str,
    named: dict[str, str],
    rules: dict[str, str],
) -> str:
    """Insert them all; the first one's id. Straight into the tables: 100,000 requests would take minutes."""
    rows: list[dict[str, Any]] = []
    members: list[tuple[str, str, str | None]] = []
    first = ""
    now = org.clock()
    for place, (profile, status, in_groups) in enumerate(people):
        id = new_id("00u")
        first = first or id
        created = okta_time(now - DAY * (400 - place % 390))
        active = None if status == "STAGED" else created
        seen = _LAST_SEEN.get(profile["login"].partition("@")[0], place % 120)
        signed_in = okta_time(now - DAY * seen) if status in ("ACTIVE", "SUSPENDED") else None
        # Nobody knows these passwords, and no text has this hash.
        password = secrets.token_hex(8) if status not in ("STAGED", "PROVISIONED") else None
        # No older than the policy allows, but for those whose password has expired.
        age = policy_demo.MOST_DAYS + 2 if status == "PASSWORD_EXPIRED" else place % (policy_demo.MOST_DAYS - 10)
        before = "ACTIVE" if status in ("SUSPENDED", "LOCKED_OUT") else None
        rows.append(
            {
                "id": id,
                "status": status,
                "status_before": before,
                "created": created,
                "activated": active,
                "status_changed": okta_time(now - DAY * _CHANGED[status]) if status in _CHANGED else active,
                "last_login": signed_in,
                "last_updated": created,
                "password_changed": max(created, okta_time(now - DAY * age)) if password else None,
                "password": password,
                **columns_of(profile),
            }
        )
        members.append((id, everyone, None))
        members.extend((id, named[name], rules.get(name)) for name in in_groups)
    if rows:
        names, marks = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
        org.database.connection.executemany(f"INSERT INTO users ({names}) VALUES ({marks})", rows)
    org.database.connection.executemany("INSERT INTO memberships VALUES (?, ?, ?)", members)
    return first


def _date_back(org: Org) -> None:
    """The customer desk is younger than the org: the log tells who made it."""
    made = okta_time(org.clock() - DAY * DESK_MADE)
    for table, column, name in (
        ("groups", "name", "Customer Desk"),
        ("rules", "name", _RULES["Customer Desk"][0]),
        ("apps", "label", "Help Center"),
    ):
        org.database.run(f"UPDATE {table} SET created = ?, last_updated = ? WHERE {column} = ?", made, made, name)
    org.database.run(
        "UPDATE app_users SET created = ?, last_updated = ? WHERE app_id = (SELECT id FROM apps WHERE label = ?)",
        *(made, made, "Help Center"),
    )


def _rule(org: Org, name: str, expression: str, group_id: str) -> str:
    id, now = new_id("0pr"), org.now()
    conditions = {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}}
    org.database.run(
        "INSERT INTO rules VALUES (?, ?, 'ACTIVE', ?, ?, ?, ?)",
        *(id, name, dump(conditions), dump([group_id]), now, now),
    )
    return id

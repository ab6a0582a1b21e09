"""No regular expression takes more than a time in proportion to its text, whoever wrote that: each is fed its worst."""

import contextlib
import gc
import re
import time
from dataclasses import dataclass
from typing import Literal

import pytest

from patterns import Site, sites
from tools.okta.errors import InvalidInput
from tools.okta.expressions import parse, require_whole
from tools.text.redaction import redacted, redacted_values

SHORT, LONG = 100_000, 1_000_000
MOST_TIMES = 15
FLOOR = 0.05
"""Seconds of work below which a time is noise, and counted as this much. Only this thread's own work is counted."""


@dataclass(frozen=True)
class Worst:
    """What keeps an expression busiest: a text repeated between a start and an end, and how the code applies it.

    `everywhere`: it looks at each place, as search, sub and split do. `once`: at one place, as match and fullmatch.
    `given` is an example of a pattern that only the running program knows.
    """

    repeated: str
    start: str = ""
    end: str = ""
    how: Literal["everywhere", "once"] = "everywhere"
    given: str = ""

    def of(self, size: int) -> str:
        return self.start + self.repeated * (size // len(self.repeated)) + self.end


# By file, and how the pattern begins there.
WORST: dict[tuple[str, str], list[Worst]] = {
    ("tools/okta/expressions.py", r"\s*(?:(?P<mark>"): [Worst('\\"', '"', how="once"), Worst(" ", how="once")],
    ("tools/okta/expressions.py", r'"(?:[^"\\]|\\.)*+'): [Worst('\\"', '"'), Worst('"'), Worst("\\"), Worst('"\\"')],
    ("tools/text/characters.py", r"\\(?:u"): [Worst("\\"), Worst("\\U000"), Worst("\\u123"), Worst("\\n")],
    ("server/media/markdown.py", "(?P<paired>"): [
        *(Worst(one) for one in ("www", "_", "*", "\\", "a:/", "&", "&a", "[", "](", "|", "<a", "> "))
    ],
    ("server/media/markdown.py", r"\\([!-/"): [Worst("\\"), Worst("\\*")],
    ("tools/logs/explaining_access.py", r"\buser"): [Worst("user."), Worst("a", "user.")],
    ("tools/text/tokens.py", "(?P<key>"): [
        *(Worst(one) for one in ('"', '"a', "a", "A", "A_", "_", "0", "0a", "aA", "-", " ", "\n", "é", "a1"))
    ],
    ("server/sandbox/factors/enrolment.py", "1?"): [Worst("1", how="once")],
    ("server/sandbox/factors/enrolment.py", r"[\s().-]"): [Worst("-"), Worst("1-")],
    ("server/sandbox/factors/enrolment.py", r"\+[1-9]"): [Worst("1", "+", how="once")],
    ("server/sandbox/log/filters.py", "[A-Za-z_]"): [Worst("a", how="once"), Worst("a", end="-", how="once")],
    ("server/sandbox/log/filters.py", r"[\w.]"): [Worst("a"), Worst("a ")],
    ("server/sandbox/log/places.py", r"[^,\s]"): [Worst("a"), Worst("a,"), Worst(",")],
    ("server/sandbox/log/tables.py", r"[^\W_]"): [Worst("a"), Worst("a_"), Worst("_")],
    ("tools/telemetry.py", "E[0-9]"): [Worst("a_"), Worst("a"), Worst("E1")],
    ("tools/okta/answers.py", r'\bscope="('): [Worst('scope="'), Worst("a", 'scope="')],
    ("tools/okta/secrets.py", "https?://"): [
        Worst("http://"),
        Worst("a", "http://"),
        Worst("/qr/"),
        Worst("/qr/aaaaaaa/"),
    ],
    ("tools/okta/client.py", "<("): [
        Worst("<"),
        Worst("a", "<"),
        Worst("<a>; ;"),
        Worst(" ", "<a>"),
        Worst("<a>"),
    ],
    ("tools/text/redaction.py", r"\beyJ"): [
        Worst("-eyJ"),
        Worst("eyJaaaaaaaaaa-"),
        Worst("eyJaaaaaaaaaa."),
        Worst(".eyJaaaaaaaaaa"),
        Worst("-eyJ", "eyJaaaaaaaaaa."),
        Worst("-eyJ.-"),
    ],
    ("tools/text/redaction.py", r"\b(Bearer|"): [
        Worst("Bearer "),
        Worst("-Bearer"),
        Worst("-SSWS="),
        Worst("Basic a "),
    ],
    ("tools/text/redaction.py", r"\b00"): [Worst("-00"), Worst("00")],
    ("tools/text/redaction.py", r"\b(access_token|"): [
        Worst("code="),
        Worst("-code"),
        Worst('token" : "'),
        Worst("code=a "),
    ],
    ("tools/text/redaction.py", "(https?://"): [Worst("http://"), Worst("a", "http://"), Worst("http://a/welcome/")],
    ("tools/text/redaction.py", "-----BEGIN "): [
        Worst("-----BEGIN PRIVATE KEY-----"),
        Worst("-----BEGIN A"),
        Worst("PRIVATE KEY", "-----BEGIN "),
        Worst("-----END A", "-----BEGIN PRIVATE KEY-----"),
    ],
    ("tools/text/redaction.py", r"\b(?:AKIA"): [Worst("-AKIA"), Worst("AKIA"), Worst("A", "AKIA")],
    ("tools/text/redaction.py", r"\b(?:gh"): [Worst("-sk-"), Worst("ghp_"), Worst("-ghp_aaa"), Worst("sk-aa ")],
    ("tools/text/redaction.py", "(?i)((?:password"): [
        Worst("password"),
        Worst("password: "),
        Worst("pin="),
        Worst("a", 'pwd="'),
        Worst('secret="'),
        Worst("secret: { 'value' : "),
    ],
    ("tools/text/redaction.py", r"(\"(?:d|p"): [Worst('"d": "'), Worst('"d"'), Worst("a", '"k":"')],
    ("tools/text/redaction.py", "(?i)(?:access_token"): [
        Worst("access_toke", how="once"),
        Worst("token", how="once"),
        Worst("passwordx", how="once"),
        Worst("aPin", how="once"),
    ],
    ("tools/okta/urls.py", "[a-z0-9"): [Worst("a", how="once")],
    ("tools/objects/users.py", r"[^@\s]+@"): [Worst(".", "a@", "@", how="once"), Worst("a", how="once")],
    ("tools/objects/users.py", "(?P<name>.*)<"): [
        Worst("<", how="once"),
        Worst("<a", how="once"),
        Worst("a", "<", how="once"),
    ],
    ("tools/objects/groups.py", "(?:“"): [
        Worst("”", "“", how="once"),
        Worst(" (", how="once"),
        Worst(" (00g", how="once"),
    ],
    ("tools/text/characters.py", "["): [Worst("\u2800"), Worst("a")],
    ("tools/text/characters.py", "\U0001f3f4"): [Worst("\U0001f3f4"), Worst("\U000e0061", "\U0001f3f4")],
    ("tools/text/likeness.py", "["): [Worst("\u2800"), Worst("a")],
    ("tools/text/likeness.py", "(?<![^.@])xn--"): [Worst("xn--"), Worst(".xn--"), Worst("a", "xn--")],
    ("tools/text/likeness.py", r"[^\W\d_]+"): [Worst("a"), Worst("a1")],
    ("server/connections/keys.py", "(?P<begin>"): [
        Worst("-----BEGIN A----- ", how="once"),
        Worst("A", "-----BEGIN ", how="once"),
        Worst("a ", "-----BEGIN A----- ", how="once"),
        Worst("a -----END A", "-----BEGIN A----- ", how="once"),
    ],
    ("tools/objects/rule_conditions.py", r"\s*(?:(?P<text>"): [Worst('\\"', '"', how="once"), Worst(" ", how="once")],
    ("tools/objects/group_rules.py", r"\w+"): [Worst("a"), Worst("a ")],
    ("tools/objects/rule_conditions.py", r"\\(.)"): [Worst("\\")],
    ("tools/objects/ids.py", "00u"): [Worst("00u", how="once")],
    ("tools/objects/ids.py", "00g"): [Worst("00g", how="once")],
    ("tools/objects/ids.py", "0pr"): [Worst("0pr", how="once")],
    ("tools/objects/ids.py", "0oa"): [Worst("0oa", how="once")],
    ("server/sandbox/applications/endpoints.py", "user/"): [Worst("user/", how="once")],
    ("server/sandbox/applications/app_keys.py", "(rst|00p)"): [Worst("rst", how="once")],
    ("server/agent/scripted.py", r"\{("): [Worst("{a"), Worst("a", "{"), Worst("{a.")],
    ("server/agent/session.py", "[^a-zA-Z0-9_-]"): [Worst("."), Worst("a")],
    ("server/connections/identity.py", "(?<![a-z])(service"): [Worst("okta-action-"), Worst("service")],
    ("server/connections/identity.py", r"[_.\s]+"): [Worst("_ ."), Worst("_a")],
    ("server/connection_names.py", "[A-Za-z0-9]"): [Worst("a", how="once")],
    ("server/cli/commands/man.py", r"\n\s*\n"): [Worst("\n"), Worst("\n ", "\n")],
    ("server/cli/completing.py", r"[\w@.+%-]"): [Worst("a", how="once"), Worst("a ", how="once")],
    ("server/cli/tree.py", r" (?=--)"): [Worst(" "), Worst(" --")],
    ("server/machine/placeholders.py", r"\$\{[^"): [
        *(Worst(one) for one in ("${", "${{", "{{", "<", "%", "%A", "$A", "${a")),
        *(Worst("a", one) for one in ("${", "${{", "{{", "<", "%", "$")),
        *(Worst("A", one) for one in ("%", "$", "${")),
    ],
    ("server/machine/placeholders.py", r"\$\$"): [
        Worst("$"),
        Worst("{"),
        Worst("A", "$"),
        Worst("A", "{"),
        Worst("`", "`a"),
    ],
    ("server/machine/placeholders.py", r"\$["): [
        *(Worst(one) for one in ("$", "{", "{A", "<", "%", "%A", "%A%")),
        *(Worst("A", one) for one in ("$", "{", "<", "%")),
    ],
    ("server/machine/placeholders.py", "[$#]"): [Worst("$"), Worst("{"), Worst("#")],
    ("server/evaluation/judging.py", "<([^<>]++)>"): [Worst("<"), Worst("“"), Worst("a", "<"), Worst("<a")],
    ("server/evaluation/judging.py", r"[\W_]+"): [Worst("_-"), Worst("_a")],
    # Those of scenarios come from whoever runs the evaluation, and are matched against what a model says.
    ("server/evaluation/judging.py", "pattern"): [Worst("14 ", given=r"\b14\b|fourteen")],
    ("server/evaluation/judging.py", "one"): [Worst("iPhone ", given="iPhone 8")],
    ("server/evaluation/person.py", "reply.to"): [Worst("yes, which", given="which (one|person)")],
    ("server/evaluation/person.py", "pattern"): [Worst("Deactivate ", given="deactivate .*jane")],
    ("server/evaluation/scenario.py", "text"): [Worst("which", given="which")],
    ("server/evaluation/scenario.py", "^[a-z0-9_]+$"): [Worst("a", how="once")],
    ("tools/objects/groups.py", "(?<=[a-z])(?=[A-Z])"): [Worst("aA")],
    ("tools/objects/groups.py", "admin(?:s|"): [Worst("admin"), Worst("administrator")],
    # Those of the policy come from whoever runs the server; what they are matched against is bounded by `Door`.
    ("server/door/guard.py", "pattern"): [Worst("INC-", given=r"\bINC-\d+\b")],
    ("server/policy/rules.py", "pattern"): [Worst("INC-", given=r"\bINC-\d+\b")],
    ("server/journal/retention.py", "f'(?<!["): [
        Worst("jane@example.com-", given=r"(?<![\w.@-])jane@example\.com(?![\w@-]|\.\w)"),
        Worst("jane", given=r"(?<![\w.@-])janejane(?![\w@-]|\.\w)"),
    ],
    ("server/mcp/prompts.py", r"  - (?P<name>"): [Worst("a", "  - ", how="once"), Worst("a", "  - a (", how="once")],
    ("server/sandbox/expressions.py", r"\s*(?:(?P<string>"): [Worst('\\"', '"', how="once"), Worst(" ", how="once")],
    ("server/sandbox/expressions.py", r"\\(.)"): [Worst("\\")],
    ("server/sandbox/expressions.py", "_text(pattern)"): [Worst("a", how="once", given="a.*b")],
    ("server/sandbox/authorization/access.py", "(SSWS|"): [Worst(" ", "SSWS"), Worst("a", "Bearer ")],
    ("server/sandbox/authorization/assignees.py", "[A-Za-z0-9]{20}"): [Worst("a", how="once")],
    ("server/sandbox/authorization/resource_sets.py", "(?:https?://"): [
        Worst("a", "http://", how="once"),
        Worst("a:", "orn:okta:", "?", how="once"),
    ],
    ("server/sandbox/authorization/resource_sets.py", "/api/v1/"): [Worst("a", "/api/v1/users/", how="once")],
    ("server/sandbox/schema_documents.py", "[A-Za-z_]"): [Worst("a", how="once")],
    ("server/sandbox/user_types.py", "[A-Za-z_]"): [Worst("a", how="once")],
    ("server/sandbox/users.py", "pattern or "): [Worst("a", how="once", given=r"[^@\s]+@[^@\s]+")],
    ("server/sandbox/listings.py", r"\d*("): [Worst("1", how="once")],
    ("server/sandbox/scim.py", r"\s*(?:(?P<paren>"): [Worst('\\"', '"', how="once"), Worst(" ", how="once")],
    ("server/sandbox/scim.py", r"([%_\\])"): [Worst("%_")],
    ("server/sandbox/users.py", "[^a-z0-9]+"): [Worst("--"), Worst("-a")],
    ("server/sandbox/users.py", "[a-z]"): [Worst("A")],
    ("server/sandbox/users.py", "[A-Z]"): [Worst("a")],
    ("tools/finding/reading.py", "(?<=[a-z0-9])(?=[A-Z])"): [Worst("aA"), Worst("A"), Worst("a")],
    ("tools/finding/reading.py", '["“„«「]'): [Worst('"'), Worst("“a"), Worst("a", '"')],
    ("tools/finding/reading.py", r"\b(?!What|"): [Worst("A"), Worst("Aa’"), Worst("a", "A"), Worst("Ab ")],
    ("tools/finding/reading.py", r"(?i)\b(un|"): [Worst("un-"), Worst("re"), Worst("de ")],
    ("tools/finding/reading.py", r"(?<!\w)'"): [Worst("'"), Worst(" 'a"), Worst("a", "'")],
    ("tools/finding/reading.py", r"[^\W_]+"): [Worst("a"), Worst("a_")],
    ("tools/finding/reading.py", "[\u3041"): [Worst("あ"), Worst("あa")],
    ("tools/finding/reading.py", "([\u3041"): [Worst("あ"), Worst("あa")],
    ("tools/finding/reading.py", "[\u30a1"): [Worst("ア"), Worst("アa"), Worst("漢")],
    ("tools/logs/event_types.py", "[._]|"): [Worst("aA"), Worst("."), Worst("a")],
    ("tools/logs/event_types.py", r"[^\W_]+"): [Worst("a"), Worst("a_")],
    ("tools/logs/events.py", r"(?<!\S)"): [Worst("a"), Worst("@"), Worst("a@"), Worst("a ")],
    ("tools/logs/events.py", r"\+?\d"): [Worst("1"), Worst("1 "), Worst("+"), Worst("1a"), Worst("(", "1")],
    ("tools/logs/filters.py", r"(\d{1,4})"): [Worst("1", how="once")],
    ("tools/logs/filters.py", '(?P<text>"'): [Worst('\\"', '"'), Worst('"'), Worst(" "), Worst("a"), Worst("\\")],
    ("server/sandbox/users.py", "[0-9]"): [Worst("a")],
    ("server/sandbox/users.py", r"okta-response\s*="): [Worst("okta-response"), Worst(" ", "okta-response")],
    ("server/sandbox/users.py", '(W/)?"'): [Worst("a", '"', how="once")],
}
SITES = list(sites())


def registered(site: Site) -> list[Worst]:
    text = site.pattern if site.pattern is not None else site.written
    fitting = [(start, found) for (file, start), found in WORST.items() if file == site.file and text.startswith(start)]
    return max(fitting, key=lambda one: len(one[0]))[1] if fitting else []


def seconds(pattern: "re.Pattern[str]", worst: Worst, size: int) -> float:
    """The least of a few measurements: what else the machine does only adds to one."""
    text = worst.of(size)
    took = []
    gc.disable()
    try:
        for _attempt in range(3):
            began = time.thread_time()
            if worst.how == "once":
                pattern.match(text)
                pattern.fullmatch(text)
            else:
                for _ in pattern.finditer(text):
                    pass
            took.append(time.thread_time() - began)
            if took[-1] > 1.0:
                break
    finally:
        gc.enable()
    return max(FLOOR, min(took))


def test_no_worst_input_is_registered_for_an_expression_that_is_gone() -> None:
    used = [id(registered(site)) for site in SITES]
    assert [place for place, found in WORST.items() if id(found) not in used] == []
    assert {"tools/text/redaction.py", "tools/okta/client.py", "server/evaluation/scenario.py"} <= {
        one.file for one in SITES
    }


@pytest.mark.parametrize("site", SITES, ids=str)
def test_ten_times_the_text_takes_no_more_than_fifteen_times_as_long(site: Site) -> None:
    assert registered(site), f"Register the worst input of {site.written} ({site}) in WORST."
    for worst in registered(site):
        # One with a flag is written with it: all others are as strict without.
        flags = re.DOTALL if "-----BEGIN" in (site.pattern or "") else re.NOFLAG
        pattern = re.compile(site.pattern if site.pattern is not None else worst.given, flags)
        # The small pair first: one that fails takes hours with the large one.
        for small, large in ((SHORT // 50, SHORT // 5), (SHORT, LONG)):
            before, after = seconds(pattern, worst, small), seconds(pattern, worst, large)
            assert after <= MOST_TIMES * before, f"{worst.repeated!r} × {large}: {after:.2f} s after {before:.2f} s"


@pytest.mark.parametrize("repeated", ["-eyJ", "eyJaaaaaaaaaa.", "code=", "http://", "-----BEGIN ", '"d":"', "-00", "a"])
def test_redacting_is_no_slower_for_what_looks_like_secrets(repeated: str) -> None:
    times = []
    for size in (SHORT // 10, SHORT, LONG):
        text = repeated * (size // len(repeated))
        began = time.thread_time()
        redacted_values({"x": [text]})
        times.append(max(FLOOR, time.thread_time() - began))
    assert times[1] <= MOST_TIMES * times[0]
    assert times[2] <= MOST_TIMES * times[1]


@pytest.mark.parametrize("text", ["-eyJ" * 10_000, "a pr and " * 5_000, "(" * 30_000, '"' * 30_000, '\\"' * 15_000])
def test_a_search_expression_of_any_size_is_refused_in_time(text: str) -> None:
    for read in (parse, require_whole):
        times = []
        for given in (text, text * 10):
            began = time.thread_time()
            with contextlib.suppress(InvalidInput):
                read(given)
            times.append(max(FLOOR, time.thread_time() - began))
        assert times[1] <= MOST_TIMES * times[0]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJ4In0.c2ln", "[hidden]"),
        ("x-eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJ4In0.c2ln y", "x-[hidden] y"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOi", "[hidden]"),
        ("eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJSUzI1NiJ9"),
        ("eyJhbGciOiJSUzI1NiJ9. And", "eyJhbGciOiJSUzI1NiJ9. And"),
        ("eyJ.eyJhbGciOiJSUzI1NiJ9.x", "eyJ.[hidden]"),
    ],
)
def test_a_token_is_hidden_wherever_it_begins(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize("whole", ['(a pr or b eq "x)")', 'a eq "\\"("', '""', "a eq 1", 'a eq "\\\\"'])
def test_what_is_whole_is_let_through(whole: str) -> None:
    require_whole(whole)


@pytest.mark.parametrize("broken", ['"', 'a eq "x', '("', '"\\"', '"a" "', 'a eq "\\\\\\"', "(", ")", "())(", '"("("'])
def test_what_is_not_closed_is_refused(broken: str) -> None:
    with pytest.raises(InvalidInput):
        require_whole(broken)

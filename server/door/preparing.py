"""The first half of a write: what was observed is previewed, and the guard decides. Nothing is changed by it."""

from dataclasses import dataclass
from typing import Any

from server.door.attempt import Attempt
from server.door.challenges import Challenge
from server.door.guard import Guard
from server.door.pace import Pace
from server.door.question import Parts
from server.door.verified import unverified
from server.journal.lately import told_lately
from server.journal.matter import Matter
from server.journal.recording import Recorder
from tools.contract.definition import Definition
from tools.contract.facts import holds
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.objects.side_effects import Challenges
from tools.text.lines import capitalized


@dataclass(frozen=True)
class Prepared:
    """A write that may be done: with a person's yes if it `asks`, or without.

    `parts` is what a person is asked, `matter` what is recorded, and `seal` what a yes is bound to.
    """

    attempt: Attempt
    parts: Parts
    matter: Matter
    seal: str
    asks: bool
    pace: Pace
    challenges: tuple[Challenge, ...] = ()


class Preparation:
    """Prepares every write of every surface."""

    def __init__(self, guard: Guard, recorder: Recorder) -> None:
        self._rules = guard.rules
        self._guard = guard
        self._recorder = recorder

    async def prepare(self, attempt: Attempt) -> Prepared | Outcome:
        """The write, ready to be confirmed or done; or its outcome, if there is nothing to do or it is a dry run.

        Raises:
            ActionError: it is refused.
        """
        action, request, before = attempt.action, attempt.request, attempt.before
        lowers = action.lowers is not None and action.lowers(request)
        allowed = self._guard.protect(
            attempt.connection,
            action,
            attempt.targets,
            attempt.standings,
            lowers=lowers,
            undoes=attempt.undoes is not None,
        )
        assert action.preview is not None
        preview = action.preview(request, before)
        if action.idempotent and not preview.conceals and holds(preview.before, preview.after):
            if action.unchanged is None:
                return answer_of(action, success=True, changed=False)
            return action.unchanged(request, before)
        if attempt.managed is not None:
            # Before any answer reveals whether the login is taken.
            attempt.managed.require_newcomer(preview)
        if action.refuse is not None:
            action.refuse(request, before)
        self._guard.protect_names(preview)
        foreseen = await self._guard.foresee(
            attempt.okta, attempt.connection, attempt.targets, attempt.standings, preview, since=attempt.since
        )
        reasons = (*allowed, *foreseen)
        must_ask = bool(attempt.loses or (allowed and not self._rules.allow_administrators)) or attempt.must_ask
        pace = attempt.pace(self._rules)
        undone = attempt.undoes.row.sequence if attempt.undoes else None
        lately = await told_lately(self._recorder, attempt.connection, attempt.targets, pace.hurries, undone)
        parts = _parts(attempt, preview, reasons, lately.changes, pace.told if lately.hurries else "")
        asks = must_ask or self._guard.asks(action, (*reasons, parts.pace))
        why_not = await unverified(self._rules, self._recorder, attempt)
        if attempt.dry_run or self._rules.dry_run:
            would = f"{parts.sentences()} {f'But first: {why_not.next_step}' if why_not else ''}".rstrip()
            return answer_of(action, success=True, changed=False, dry_run=True, would=would, asks=asks)
        if why_not:
            raise why_not
        self._guard.demand_reason(action, reasons, attempt.reason)
        challenges = tuple(Challenge(attempt.connection.org_url, one.id) for one in preview.all(Challenges))
        return Prepared(attempt, parts, attempt.matter(preview), attempt.seal(parts.bound), asks, pace, challenges)


def answer_of(action: Definition, **values: Any) -> Outcome:
    made = action.output(**values)
    assert isinstance(made, Outcome)
    return made


def _parts(attempt: Attempt, preview: Preview, reasons: tuple[str, ...], lately: tuple[str, ...], pace: str) -> Parts:
    """The question for a person, or the result of a dry run."""
    return Parts(
        headline=f"{attempt.preface} {preview.headline or preview.text}".strip(),
        consequences=tuple(text for text in (preview.consequence, attempt.loses, *reasons) if text),
        place=attempt.place,
        details=(*preview.details, *([attempt.about] if attempt.about else [])),
        remaining=_sentence(preview.remaining),
        lately=lately,
        pace=pace,
        reason=f"Reason given: “{attempt.reason}”." if attempt.reason else "",
        must_type=preview.must_type,
    )


def _sentence(words: str) -> str:
    return f"{capitalized(words)}{'.' * (not words.endswith('…'))}" if words else ""

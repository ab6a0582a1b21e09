"""The person of a scenario: says what they want, answers by simple rules, and confirms what they were going to."""

import re
from dataclasses import dataclass

from server.evaluation.scenario import Scenario


@dataclass(frozen=True)
class Asked:
    """A question of the server's, and what the person answered."""

    question: str
    yes: bool


class ScriptedPerson:
    def __init__(self, scenario: Scenario) -> None:
        self._messages = list(scenario.says)
        self._replies = list(scenario.replies)
        self._confirms = scenario.confirms
        self.asked: list[Asked] = []

    def next(self, said: str = "") -> str | None:
        """What they say to the model's last words; None where they have nothing to say any more.

        A reply that fits goes before the next message; each is said once.
        """
        for reply in self._replies:
            if re.search(reply.to, said, re.IGNORECASE):
                self._replies.remove(reply)
                return reply.say
        return self._messages.pop(0) if self._messages else None

    async def confirm(self, question: str) -> bool:
        yes = any(re.search(pattern, question, re.IGNORECASE) for pattern in self._confirms)
        self.asked.append(Asked(question, yes))
        return yes

"""The person of a scenario: makes requests, answers by simple rules, and confirms what they intended."""

import re
from dataclasses import dataclass

from server.evaluation.scenario import Scenario


@dataclass(frozen=True)
class Asked:
    """A question from the server, and the person's answer."""

    question: str
    yes: bool


class ScriptedPerson:
    def __init__(self, scenario: Scenario) -> None:
        self._messages = list(scenario.says)
        self._replies = list(scenario.replies)
        self._confirms = scenario.confirms
        self.asked: list[Asked] = []

    def next(self, said: str = "") -> str | None:
        """Their reply to the model's last words; None if they have nothing more to say.

        A reply that matches goes before the next message; each is said once.
        """
        for reply in self._replies:
            if re.search(reply.to, said, re.IGNORECASE):
                self._replies.remove(reply)
                return reply.say
        return self._messages.pop(0) if self._messages else None

    async def confirm(self, question: str, prompt: str = "") -> bool | str:
        """Yes to what they intended; where it is typed, what the prompt names in quotation marks."""
        yes = any(re.search(pattern, question, re.IGNORECASE) for pattern in self._confirms)
        self.asked.append(Asked(question, yes))
        quoted = prompt.partition("“")[2].rpartition("”")[0]
        return quoted if yes and quoted else yes

"""What a check found."""

from collections.abc import Callable
from typing import NamedTuple

OK, WARN, FAIL = STATES = ("ok", "warn", "fail")


class Finding(NamedTuple):
    """One line of a report: how it stands, in words, and what to do where something is to be done."""

    about: str
    state: str
    words: str
    advice: str = ""


class Check(NamedTuple):
    """A check gives findings, none where it has nothing to look at.

    `asks_others` ones speak with other machines, and may take seconds.
    """

    about: str
    find: Callable[[], list[Finding]]
    asks_others: bool = False


class Findings(list[Finding]):
    """Findings about one thing: `found.fail("...", "what to do")`."""

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about

    def ok(self, words: str) -> "Findings":
        return self._add(OK, words, "")

    def warn(self, words: str, advice: str) -> "Findings":
        return self._add(WARN, words, advice)

    def fail(self, words: str, advice: str) -> "Findings":
        return self._add(FAIL, words, advice)

    def _add(self, state: str, words: str, advice: str) -> "Findings":
        self.append(Finding(self.about, state, words, advice))
        return self

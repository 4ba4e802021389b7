"""Advertising rules: which words of a testimonial keep it from being published without a person's decision.

Under the setting `testimonial_rules = "au"` that is Australia's National Law, s 133(1)(c), as Ahpra's guidelines
read it; `advertising_au.toml` holds the words and says how they are chosen. This finds words, it does not judge:
whoever publishes does.
"""

from functools import cache
from pathlib import Path

from ..text.plain import words
from ..text.wordings import Wordings

ADVERTISING = Wordings(Path(__file__).parent / "advertising_au.toml")
UNREAD = "language"
UNREAD_WHY = "Not all of this is English, which is all that the check of words can read."
COMMON_SHARE = 6  # a text is called English when at least one word in so many is a common one


def check(text: str, *, rules: str) -> list[dict]:
    """What in the text trips: a list of {rule, words, start, end, why} in order, no two overlapping.

    `rules` is the setting `testimonial_rules`: "au", or "none" (nothing trips). `start` and `end` count code
    points, and `text[start:end] == words`; both are None where the reason is about the whole text.
    """
    if rules == "none":
        return []
    reasons = [
        reason(found.rule.category, found.rule.why, words=found.words, start=found.start, end=found.end)
        for found in ADVERTISING.find(text)
    ]
    if not is_english(text):
        reasons.append(reason(UNREAD, UNREAD_WHY))
    return reasons


def reason(rule: str, why: str, *, words: str = "", start: int | None = None, end: int | None = None) -> dict:
    """One reason, as it is stored."""
    return {"rule": rule, "words": words, "start": start, "end": end, "why": why}


def is_english(text: str) -> bool:
    """Whether English word lists can tell anything about the text. Letters of another script mean that they can't.

    So does the lack of the commonest English words in a text of six words or more.
    """
    found = [word for word in words(text) if any(c.isalpha() for c in word)]
    if any(not word.isascii() for word in found):
        return False
    return len(found) < COMMON_SHARE or sum(w in common_words() for w in found) * COMMON_SHARE >= len(found)


@cache
def common_words() -> frozenset[str]:
    """English words of which any text in English has some."""
    return frozenset(ADVERTISING.data["english"]["common"])

"""Advertising rules: which words of a testimonial keep it from being published without a person's decision.

Under the setting `testimonial_rules = "au"` that is Australia's National Law, s 133(1)(c), as Ahpra's guidelines
read it; `advertising_au.toml` holds the words and says how they are chosen. This finds words, it does not judge:
whoever publishes does.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .plain import plain, words

CATEGORIES = ("symptom", "diagnosis", "treatment", "outcome", "skill")
UNREAD = "language"
UNREAD_WHY = "Not all of this is English, which is all that the check of words can read."
COMMON_SHARE = 6  # a text is called English when at least one word in so many is a common one


@dataclass(frozen=True)
class Rule:
    """Words of one category that say one thing, and the wordings in which they are harmless."""

    category: str
    why: str
    words: re.Pattern
    unless: re.Pattern


def check(text: str, *, rules: str) -> list[dict]:
    """What in the text trips: a list of {rule, words, start, end, why} in order, no two overlapping.

    `rules` is the setting `testimonial_rules`: "au", or "none" (nothing trips). `start` and `end` count code
    points, and `text[start:end] == words`; both are None where the reason is about the whole text.
    """
    if rules == "none":
        return []
    read, offsets = plain(text)
    reasons = []
    for start, end, rule in _without_overlaps(_matches(read)):
        first, last = offsets[start], offsets[end - 1] + 1
        reasons.append(reason(rule.category, rule.why, words=text[first:last], start=first, end=last))
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


def _matches(read: str) -> Iterator[tuple[int, int, Rule]]:
    for rule in load():
        found = list(rule.words.finditer(read))
        harmless = [match.span() for match in rule.unless.finditer(read)] if found else ()
        for match in found:
            if not any(start <= match.start() and match.end() <= end for start, end in harmless):
                yield match.start(), match.end(), rule


def _without_overlaps(matches) -> Iterator[tuple[int, int, Rule]]:
    reached = 0
    for start, end, rule in sorted(matches, key=lambda match: (match[0], -match[1])):
        if start >= reached:
            yield start, end, rule
            reached = end


@cache
def _data() -> dict:
    return tomllib.loads((Path(__file__).parent / "advertising_au.toml").read_text(encoding="utf-8"))


@cache
def common_words() -> frozenset[str]:
    """English words of which any text in English has some."""
    return frozenset(_data()["english"]["common"])


@cache
def load() -> tuple[Rule, ...]:
    """The rules of `advertising_au.toml`."""
    choices = _data()["choices"]
    return tuple(
        Rule(rule["category"], rule["why"], _pattern(rule["words"], choices), _pattern(rule["unless"], choices))
        for rule in _data()["rule"]
    )


def _pattern(wordings: list[str], choices: dict[str, list[str]]) -> re.Pattern:
    """One expression for all the wordings; the longer come first, so that the most is matched."""
    alternatives = [_expression(w, choices) for w in sorted(wordings, key=len, reverse=True)]
    return re.compile(rf"(?<![a-z])(?:{'|'.join(alternatives)})(?![a-z])" if alternatives else r"(?!)")


def _expression(wording: str, choices: dict[str, list[str]]) -> str:
    # After a letter or a choice of words, * is the rest of the word; after a space in brackets it repeats words.
    wording = re.sub(r"(?<=[a-z])\*|(?<=[a-z][)}])\*", "[a-z]*", wording)
    return re.sub(r"\{(\w+)\}", lambda match: f"(?:{'|'.join(choices[match[1]])})", wording)

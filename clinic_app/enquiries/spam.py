"""What speaks for a message being spam: a score with reasons, asked of no stranger.

Pure. A message that reaches THRESHOLD is stored as spam and sends no mail; it is never dropped. No single weak
sign reaches it: people paste links, type fast with a password manager, ask the same short things, and write in
every script.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..lists.counting import how_many

THRESHOLD = 100
SHORTEST_FILL_SECONDS = 3
TELLING_LENGTH = 80  # characters; shorter messages without a link ("Please call me back") come again by chance

ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s[^<>]*href|\[url[=\]]|\[link=", re.IGNORECASE)
# What each is worth. People do much of this for a living, and have sore backs too: two kinds of honest work are
# not enough, three are.
PATTERNS = {
    "offers search ranking": (45, r"\b(?:seo|backlinks?|guest posts?|domain authority|first page of google)\b"),
    "offers betting": (60, r"\b(?:casinos?|slot machines?|sports? betting|jackpots?)\b"),
    "offers coins or quick money": (45, r"\b(?:bitcoin|crypto\w*|forex|passive income|earn \$?\d+)\b"),
    "offers pills": (60, r"\b(?:viagra|cialis|levitra|cheap meds)\b"),
    "offers web or app work": (
        40,
        r"\b(?:web ?site (?:re)?design|app development) (?:services?|agency|compan\w+)\b",
    ),
    "offers loans": (40, r"\b(?:business|instant|quick) loans?\b"),
}
COMPILED = [(reason, points, re.compile(pattern, re.IGNORECASE)) for reason, (points, pattern) in PATTERNS.items()]


class Signs(NamedTuple):
    """What is known of a message: its texts, and how it came.

    `filled_in_seconds` is None where the form's signed time was missing or forged; `repeats` counts earlier
    messages with the same words.
    """

    name: str
    message: str
    honeypot: str
    filled_in_seconds: float | None
    repeats: int


class Verdict(NamedTuple):
    """The score, and a reason for each part of it."""

    score: int
    reasons: list[str]

    @property
    def is_spam(self) -> bool:
        return self.score >= THRESHOLD


def without_points(reasons: list[str]) -> list[str]:
    """For people: what spoke for it, and not how much."""
    return [re.sub(r" \(\+\d+\)$", "", reason) for reason in reasons]


def says_something(message: str) -> bool:
    """Whether it is a sign if the same words come again."""
    return len(message) >= TELLING_LENGTH or bool(ADDRESS.search(message))


def assess(signs: Signs) -> Verdict:
    """Weigh the signs."""
    found = [*_manner(signs), *_links(signs), *_words(signs)]
    return Verdict(sum(points for points, _ in found), [f"{reason} (+{points})" for points, reason in found])


def _manner(signs: Signs) -> Iterator[tuple[int, str]]:
    if signs.honeypot:
        yield 100, "the hidden field was filled in"
    if signs.filled_in_seconds is None:
        yield 30, "it did not come from our form"
    elif 0 <= signs.filled_in_seconds < SHORTEST_FILL_SECONDS:  # below: the clock has been set back meanwhile
        yield 40, f"it was filled in within {signs.filled_in_seconds:.1f} seconds"
    if signs.repeats and says_something(signs.message):
        yield min(30 * signs.repeats, 90), f"the same words came before ({how_many(signs.repeats, 'time')})"


def _links(signs: Signs) -> Iterator[tuple[int, str]]:
    if links := len(ADDRESS.findall(signs.message)):
        yield min(20 * links, 100), how_many(links, "link")
    if MARKUP.search(signs.message):
        yield 60, "links written as HTML or BBCode"
    if ADDRESS.search(signs.name):
        yield 100, "a link in the name"


def _words(signs: Signs) -> Iterator[tuple[int, str]]:
    for reason, points, pattern in COMPILED:
        if pattern.search(signs.message):
            yield points, reason

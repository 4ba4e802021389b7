"""Invented people and texts, the same for the same number."""

from functools import cache
from itertools import product
from random import Random

FIRST = ("Robin", "Kit", "Alex", "Lee", "Jo", "Casey", "Sam", "Ash", "Quinn", "Zoë", "Noor", "Remy")
LAST = ("Sample", "Example", "Placeholder", "Invented", "Fictional", "Madeup", "Pretend", "Imaginary")
TOPICS = ("A question", "Appointments", "Fees and rebates", "Something else")
COMMON = (
    "back", "knee", "shoulder", "running", "pain", "morning", "week", "training", "thank", "kind", "appointment",
    "question", "parking", "time", "feel", "better", "hip", "neck", "team", "session",
)  # fmt: skip


@cache
def vocabulary() -> tuple[str, ...]:
    """Two thousand words that are none, after the common ones: rare words that a search can be for."""
    syllables = product("bdfklmnprst", "aeiou", "bdfklmnprst", "aeiou")
    made = ["".join(parts) + "n" for parts in syllables]
    Random(1).shuffle(made)
    return COMMON + tuple(made[:2000])


def words(random: Random, count: int) -> str:
    """So many words, the first of the vocabulary by far the most often."""
    known, draw = vocabulary(), random.random
    size = len(known)
    return " ".join([known[int(size * draw() ** 4)] for _ in range(count)])


def name(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}"


def email(number: int) -> str:
    return f"{FIRST[number % len(FIRST)].replace('ë', 'e')}.{number}@example.org"


def phone(number: int) -> str:
    """No Australian number begins so."""
    return f"+610{number:08}"
